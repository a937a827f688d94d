import type { CodeSign } from './code-sign.ts'

/** What a statement to a database does beyond its tables: programs, files, users, whole databases. */
export const DATABASE_SIGNS: readonly CodeSign[] = [
  {
    id: 'sql-process',
    languages: ['sql'],
    pattern:
      /\\!|\bCOPY\b[\s\S]{0,300}\bPROGRAM\b|\bxp_cmdshell\b|\bsp_(?:OA|configure|execute_external)\w*|\bsys_(?:exec|eval)\b|\bsystem\s+\S|^\s*\.(?:shell|system|sh|load|read|open|import|output|once|excel|backup|save|clone|restore|log|cd)\b|\\(?:o|w|g|setenv|copy|i|ir|include)\s*\|?\s*\S|\bload_extension\b|\bwritefile\s*\(|\breadfile\s*\(|\bedit\s*\(|\bUTL_(?:HTTP|FILE|TCP)\b|\bDBMS_(?:SCHEDULER|XMLGEN|JAVA)\b|\bCREATE\s+(?:OR\s+REPLACE\s+)?(?:FUNCTION|EXTENSION|LANGUAGE)\b|\bLOAD\s+(?:DATA|')|\bINTO\s+(?:OUTFILE|DUMPFILE)\b|\bLOAD_FILE\s*\(|\bOPENROWSET\b|\bdblink\w*\s*\(|\bpython\s*\(|\bcopy\s+.{0,200}\bto\s+'\/|\bATTACH\s+DATABASE\b|\\sys\b|\bINSTALL\s+\w+|\burl\s*\(|\bfile\s*\(|\bexecutable\s*\(/i,
    effect: 'exec.escape',
    positive: [
      '\\! id',
      "COPY t TO PROGRAM 'x'",
      '.shell id',
      '.system id',
      "SELECT load_extension('x')",
      "SELECT LOAD_FILE('/etc/x')",
    ],
    negative: [
      'SELECT 1',
      'select count(*) from files',
      '\\dt',
      'EXPLAIN SELECT * FROM t',
      'INSERT INTO systems VALUES (1)',
      '.tables',
      '.schema',
    ],
  },
  {
    id: 'sql-files',
    languages: ['sql'],
    pattern:
      /\bpg_(?:read|ls|stat|write)\w*_?(?:file|dir|binary_file|logdir|waldir)\b|\blo_(?:import|export)\b|\bpg_(?:shadow|authid|user_mapping|hba_file_rules)\b|\bmysql\.user\b|\bsys\.sql_logins\b|\bauthentication_string\b/i,
    effect: 'read.secret',
    positive: ["SELECT pg_read_file('/etc/passwd')", 'select * from pg_shadow', 'SELECT * FROM mysql.user'],
    negative: ['SELECT 1', 'select * from users'],
  },
  {
    id: 'sql-destroy',
    languages: ['sql'],
    pattern:
      /\bDROP\s+(?:DATABASE|SCHEMA|TABLE|TABLESPACE|USER|ROLE|OWNED|KEYSPACE|INDEX\s+CONCURRENTLY)\b|\bTRUNCATE\b|\bDELETE\s+FROM\s+[\w."`]+\s*(?:;|$|["'])|\bUPDATE\s+[\w."`]+\s+SET\b(?![\s\S]*\bWHERE\b)|\bALTER\s+SYSTEM\b|\bpg_terminate_backend\b|\bRESET\s+MASTER\b|\bSHUTDOWN\b/i,
    effect: 'data.destroy',
    positive: ['DROP DATABASE x', 'drop table users;', 'TRUNCATE t', 'DELETE FROM users;', 'DELETE FROM users'],
    negative: ['SELECT 1', 'DELETE FROM t WHERE id=1', 'UPDATE t SET a=1 WHERE id=2', 'select dropped from t'],
  },
  {
    id: 'sql-access',
    languages: ['sql'],
    pattern:
      /\b(?:CREATE|ALTER)\s+(?:USER|ROLE|LOGIN)\b|\bGRANT\s+\w+|\bSET\s+PASSWORD\b|\bIDENTIFIED\s+BY\b|\bSUPERUSER\b/i,
    effect: 'persist.access',
    positive: ["CREATE USER x WITH PASSWORD 'y'", 'ALTER ROLE x SUPERUSER', 'GRANT ALL ON t TO x'],
    negative: ['SELECT * FROM roles', 'select user'],
  },
  {
    id: 'redis',
    languages: ['redis'],
    pattern: /^(?:FLUSHALL|FLUSHDB|SHUTDOWN|SWAPDB|RESET|FAILOVER)$/i,
    effect: 'data.destroy',
    positive: ['FLUSHALL', 'flushdb'],
    negative: ['ping', 'GET', 'flush'],
  },
  {
    id: 'redis-code',
    languages: ['redis'],
    pattern:
      /^(?:CONFIG|EVAL|EVALSHA|SCRIPT|FUNCTION|FCALL|MODULE|SLAVEOF|REPLICAOF|MIGRATE|ACL|DEBUG|BGSAVE|SAVE|MONITOR|SYNC|PSYNC|RESTORE)$/i,
    effect: 'exec.escape',
    positive: ['CONFIG', 'eval', 'SLAVEOF'],
    negative: ['INFO', 'KEYS', 'set'],
  },
  {
    id: 'mongo-destroy',
    languages: ['javascript'],
    pattern:
      /\bdropDatabase\s*\(|\.drop\s*\(\s*\)|\.(?:deleteMany|remove)\s*\(\s*\{\s*\}\s*\)|\bshutdownServer\b|\bdropUser\b|\.dropIndexes\s*\(/,
    effect: 'data.destroy',
    positive: ['db.dropDatabase()', 'db.x.drop()', 'db.x.deleteMany({})'],
    negative: ['db.stats()', 'db.x.find({})', 'dragAndDrop()'],
  },
]
