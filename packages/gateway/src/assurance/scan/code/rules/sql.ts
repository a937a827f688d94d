import type { Rule } from '../rule.ts'

/** A statement that is put together of values instead of binding them. */
export const STATEMENT: Rule = {
  id: 'code.sql_injection.statement',
  severity: 'high',
  cwe: 89,
  title: 'An SQL statement is put together from values',
  fix: 'Pass values as bound parameters; take names of tables and columns from a fixed list.',
  sinks: {
    javascript: [
      {
        call: '*.query *.execute *.raw *.run *.all *.get *.each *.exec *.prepare *.any *.one *.none *.many *.oneOrNone *.manyOrNone *.result *.multi *.unsafe *.$queryRawUnsafe *.$executeRawUnsafe *.queryRawUnsafe *.executeSql *.sql *.batch *.simpleQuery *.queryRaw *.whereRaw *.orderByRaw *.havingRaw *.joinRaw *.fromRaw *.groupByRaw *.selectRaw *.literal *.pragma *.iterate *.pluck *.executeQuery *.queryStream *.createQuery *.stream *.callProcedure *.executeRaw *.values *.rawQuery *.executeMultiple',
        take: 'sql',
        args: [0, 'sql', 'text', 'query', 'statement', 'queryString', 'QueryString'],
      },
      {
        call: 'query sql.raw sql.unsafe Sequelize.literal sequelize.literal literal raw pg.query QueryStream pg-query-stream db',
        take: 'sql',
        args: [0, 'sql', 'text'],
      },
    ],
    python: [
      {
        call: '*.execute *.executemany *.executescript *.execute_sql *.raw *.read_sql *.read_sql_query *.query *.fetch *.fetchrow *.fetchval *.fetch_all *.fetch_one *.run_query *.mogrify *.callproc *.exec_driver_sql *.scalar *.scalars *.prepare *.sql *.exec *.iterate *.copy_expert *.stream *.run *.execute_query *.query_df *.extra',
        take: 'sql',
        args: [0, 'sql', 'query', 'statement', 'operation'],
      },
      {
        call: 'pandas.read_sql pandas.read_sql_query sqlalchemy.text sqlalchemy.literal_column django.db.models.expressions.RawSQL spark.sql duckdb.sql duckdb.query duckdb.execute execute',
        take: 'sql',
      },
    ],
    go: [
      {
        call: '*.Query *.QueryRow *.Exec *.Prepare *.Raw *.MustExec *.Queryx *.QueryRowx *.Preparex *.Execute *.Send *.NamedExec *.NamedQuery',
        take: 'sql',
        args: [0, 1],
      },
      {
        call: '*.QueryContext *.QueryRowContext *.ExecContext *.PrepareContext *.QueryxContext *.Get *.Select *.GetContext *.SelectContext *.QueryRowxContext *.MustExecContext',
        take: 'sql',
        args: [1, 0, 2],
      },
      { call: '*.Where *.Order *.Having *.Joins *.Group *.Select *.Table *.Or *.Not *.Find *.First', take: 'sql' },
    ],
    ruby: [
      {
        call: '*.execute *.exec_query *.select_all *.select_one *.select_value *.select_values *.select_rows *.exec *.query *.find_by_sql *.count_by_sql *.exec_params *.prepare *.async_exec *.run *.fetch *.exec_update *.exec_delete *.exec_insert *.update_sql *.execute_batch *.literal *.lit *.with_sql *.insert_sql',
        take: 'sql',
      },
      { call: 'Arel.sql Sequel.lit find_by_sql', take: 'sql' },
    ],
    java: [
      {
        call: '*.executeQuery *.executeUpdate *.execute *.executeLargeUpdate *.addBatch *.prepareStatement *.prepareCall *.nativeSQL *.createQuery *.createNativeQuery *.createSQLQuery *.query *.queryForObject *.queryForList *.queryForMap *.queryForRowSet *.update *.batchUpdate *.rawQuery *.execSQL *.fetch *.resultQuery *.sql *.createStatement *.select *.condition *.createMutationQuery',
        take: 'sql',
      },
    ],
    bash: [
      {
        call: 'psql mysql mariadb sqlite3 sqlcmd clickhouse-client duckdb bq cqlsh usql pgcli mysqlsh isql snowsql',
        take: 'sql',
        args: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
      },
      { call: '|sql', take: 'sql' },
    ],
  },
  examples: {
    javascript: {
      bad: [
        'db.query("SELECT * FROM t WHERE a = \'" + a + "\'")',
        'const q = `DELETE FROM t WHERE id = ${id}`\nawait pool.execute(q)',
        "export const find = (c, name) => c.query({ text: `SELECT * FROM u WHERE n = '${name}'` })",
        'let q = "SELECT * FROM t"\nif (s) q += " WHERE s = \'" + s + "\'"\ndb.all(q)',
      ],
      good: [
        'db.query("SELECT * FROM t WHERE a = $1", [a])',
        'await sql`SELECT * FROM t WHERE a = ${a}`',
        'console.log(`SELECT from ${x}`)',
        'const cols = ids.map(() => "?").join(",")\ndb.query(`SELECT * FROM t WHERE id IN (${cols})`, ids)',
        'const COLS = new Set(["a", "b"])\nif (!COLS.has(c)) throw new Error(c)\ndb.query(`SELECT * FROM t ORDER BY ${c}`)',
      ],
    },
    python: {
      bad: [
        'cur.execute("SELECT * FROM t WHERE a = \'%s\'" % a)',
        'cur.execute(f"DELETE FROM t WHERE id = {i}")',
        'q = "SELECT * FROM t WHERE a = {}".format(a)\ndb.execute(q)',
        'q = " ".join(["SELECT * FROM t WHERE n =", name])\ncur.execute(q)',
      ],
      good: [
        'cur.execute("SELECT * FROM t WHERE a = %s", (a,))',
        'cur.execute("SELECT * FROM t WHERE id IN (%s)" % ",".join(["%s"] * len(ids)), ids)',
        'cur.execute(f"SELECT * FROM t LIMIT {int(n)}")',
        'log.info(f"SELECT from {x}")',
      ],
    },
    go: {
      bad: [
        'package p\nfunc f(db *sql.DB, n string) { db.Query("SELECT * FROM t WHERE n = \'" + n + "\'") }',
        'package p\nimport "fmt"\nfunc f(db *sql.DB, n string) { q := fmt.Sprintf("DELETE FROM t WHERE n = \'%s\'", n); db.Exec(q) }',
      ],
      good: [
        'package p\nfunc f(db *sql.DB, n string) { db.Query("SELECT * FROM t WHERE n = $1", n) }',
        'package p\nimport "fmt"\nfunc f(db *sql.DB, n int) { db.Query(fmt.Sprintf("SELECT * FROM t WHERE n = %d", n)) }',
      ],
    },
    ruby: {
      bad: [
        'conn.execute("SELECT * FROM t WHERE a = #{a}")',
        'User.find_by_sql("SELECT * FROM u WHERE n = \'" + n + "\'")',
      ],
      good: ['conn.exec_params("SELECT * FROM t WHERE a = $1", [a])'],
    },
    java: {
      bad: [
        'class A { void f(Statement s, String n) throws Exception { s.executeQuery("SELECT * FROM t WHERE n = \'" + n + "\'"); } }',
        'class A { void f(Connection c, String n) throws Exception { String q = String.format("DELETE FROM t WHERE n = \'%s\'", n); c.prepareStatement(q).execute(); } }',
      ],
      good: [
        'class A { void f(Connection c, String n) throws Exception { PreparedStatement p = c.prepareStatement("SELECT * FROM t WHERE n = ?"); p.setString(1, n); p.executeQuery(); } }',
        'class A { void f(Statement s, int n) throws Exception { s.executeQuery("SELECT * FROM t WHERE n = " + n); } }',
      ],
    },
    bash: {
      bad: ['psql -c "SELECT * FROM t WHERE n = \'$1\'"'],
      good: ['psql -v n="$1" -f query.sql', 'psql -c "SELECT 1"'],
    },
  },
}

/** A clause that an object mapper puts into its statement as it is. */
export const CLAUSE: Rule = {
  id: 'code.sql_injection.clause',
  severity: 'high',
  cwe: 89,
  title: 'A clause of an SQL statement is put together from values',
  fix: 'Use the form with parameters (`where("name = ?", value)`, a hash, a tagged template) or a fixed list of names.',
  sinks: {
    javascript: [
      {
        call: '*.whereRaw *.orderByRaw *.havingRaw *.joinRaw *.groupByRaw *.fromRaw *.andWhereRaw *.orWhereRaw *.selectRaw *.$queryRawUnsafe *.$executeRawUnsafe *.queryRawUnsafe Sequelize.literal sequelize.literal sql.raw sql.unsafe Prisma.raw',
        take: 'fragment',
      },
      {
        call: '*.where *.andWhere *.orWhere *.having *.orderBy *.addOrderBy *.addSelect *.leftJoin',
        take: 'condition',
        unless: [{ arg: 0, is: 'map' }],
      },
    ],
    python: [
      { call: '*.extra', take: 'fragment', args: ['where', 'select', 'tables', 'order_by', 0] },
      { call: '*.extra', where: [{ arg: 0, is: 'map' }] },
      { call: '*.raw', take: 'fragment', where: [{ on: /objects$|manager/i }] },
      { call: 'django.db.models.expressions.RawSQL sqlalchemy.literal_column', take: 'fragment' },
      { call: '*.filter *.where *.order_by *.having *.group_by', take: 'condition' },
    ],
    go: [
      {
        call: '*.Where *.Order *.Having *.Joins *.Group *.Or *.OrderBy *.Raw',
        take: 'fragment',
        where: [{ on: /db|tx|gorm|query|builder|model|select|conn|repo/i }],
      },
    ],
    ruby: [
      {
        call: '*.where *.order *.reorder *.group *.having *.joins *.from *.select *.pluck *.find_by *.exists? *.delete_all *.destroy_all *.update_all *.lock *.calculate *.sum *.count *.average *.maximum *.minimum *.not *.rewhere *.find_or_create_by *.destroy_by *.delete_by',
        take: 'fragment',
        unless: [{ arg: 0, is: 'map' }],
        where: [{ on: /^[A-Z]|scope|relation|records?$|users?$|\(\)$|=[A-Z]/ }],
      },
      { call: '*.where', take: 'fragment', unless: [{ arg: 0, is: 'map' }] },
      { call: 'Arel.sql Sequel.lit Sequel.literal', take: 'fragment' },
    ],
    java: [{ call: '*.apply *.last *.orderBy *.having *.exists *.where', take: 'condition' }],
  },
  examples: {
    javascript: {
      bad: ['knex("t").orderByRaw(`${column} desc`)'],
      good: ['knex("t").where({ a })', 'knex("t").whereRaw("a = ?", [a])'],
    },
    python: { bad: ['User.objects.extra(where=["name = \'%s\'" % n])'], good: ['User.objects.filter(name=n)'] },
    ruby: {
      bad: ['User.where("name = \'#{n}\'")', 'User.order(params[:sort])'],
      good: ['User.where("name = ?", n)', 'User.where(name: n)'],
    },
  },
}
