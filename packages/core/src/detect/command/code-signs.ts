import type { Language } from './languages.ts'
import type { CodeSign } from './code-sign.ts'
import { DATABASE_SIGNS } from './database-signs.ts'

const SCRIPTS: readonly Language[] = ['python', 'javascript', 'perl', 'ruby', 'php', 'lua', 'code', 'editor']

export const CODE_SIGNS: readonly CodeSign[] = [
  {
    id: 'process-python',
    languages: ['python', 'code', 'editor'],
    pattern:
      /\bos\.(?:system|popen|exec\w*|spawn\w*|posix_spawn\w*|startfile|fork\w*|kill\w*|setuid|setgid|setre\w+|dup2?|chroot|putenv|memfd_create)\b|\bsubprocess\b|\bpty\b|\bcommands\.get|\bpexpect\b|\bfrom os import|\bimport\s+(?:sh|plumbum|ctypes|cffi|multiprocessing|code|pdb)\b|\bctypes\b|\bsh\.\w+\(|\bplatform\.popen/,
    effect: 'exec.code',
    positive: ["os.system('id')", 'subprocess.run(x)', 'pty.spawn("sh")', 'os.execl("/bin/sh","sh")'],
    negative: ['os.path.join(a)', 'os.getcwd()', 'print(1)', 'sys.version'],
  },
  {
    id: 'process-javascript',
    languages: ['javascript', 'code'],
    pattern:
      /child_process|\b(?:exec|spawn|execFile|fork)Sync?\s*\(|\bprocess\s*(?:\.|\[['"])(?:binding|dlopen|kill|mainModule|_linkedBinding|setuid|constructor)|\bDeno\.(?:run|Command|dlopen)|\bBun\.(?:spawn|\$|ffi)|\bworker_threads\b|\brequire\s*\(\s*['"](?:node:)?(?:vm|cluster|inspector|repl|v8|module)['"]|\bnew\s+ActiveXObject|\brunProgram\b|\brun\s*\(\s*['"]|(?:\$|sh)`/,
    effect: 'exec.code',
    positive: ["require('child_process')", "execSync('id')", 'process.binding("x")', 'Bun.spawn(["x"])'],
    negative: ['console.log(1)', 'process.version', "require('./x').spawnCount", 'regex.exec'],
  },
  {
    id: 'process-perl-ruby-php',
    languages: ['perl', 'ruby', 'php', 'lua', 'code', 'editor'],
    pattern:
      /\b(?:system|exec|syscall|fork|popen|spawn|passthru|shell_exec|proc_open|pcntl_\w+|posix_\w+|dl|mail|putenv|os\.execute|io\.popen|execute|daemon)\b\s*(?:[('"{%/$[@]|q[qwx]?\W|\s['"$/(]|;|$)|\bqx\s*\W|%x[\W]|`[^`\n]{1,400}`|\bIO\.(?:popen|pipe)|\bOpen3\b|\bKernel\b|\bPTY\b|\bopen\s*\(?\s*['"]\s*\||\bopen\s*\([^)]{0,80}['"](?:-\||\|-?)['"]|\bopen\s*\([^)]{0,80}\|["']|\bIPC::|\bFiddle\b|\bFFI\b|\bWin32::|\bProcess\.\w+/,
    effect: 'exec.code',
    positive: [
      'system("id")',
      'exec "/bin/sh"',
      '`id`',
      "shell_exec('id')",
      'os.execute("x")',
      '%x(id)',
      'IO.popen(x)',
    ],
    negative: ['print 1', 'puts RUBY_VERSION', 's/\\r$//', 'echo PHP_VERSION;'],
  },
  {
    id: 'process-other',
    languages: ['code'],
    pattern:
      /\bgetRuntime\s*\(|\bProcessBuilder\b|['"]\s*\.\s*execute\s*\(|\bSystem\.(?:cmd|shell)\b|:os\.cmd|\bos:cmd|\bopen_port\b|\bPort\.open|\bdo shell script\b|\brun\s*\(`|\b(?:system|shell|pipe|system2|shell-command(?:-to-string)?|call-process|start-process|async-shell-command|uiop:run-program|run-program|process\/exec|sh\/sh|clojure\.java\.shell|callCommand|readProcess|createProcess|rawSystem|Sys\.command|Unix\.exec\w*|unix_exec|spawn|exec|python|perl|tcl|ruby|term|make-process|\\write18|write18|immediate|sys\.process|\.!)\b\s*["'(\s[{]|#!\/|\bimport\s+sys\.process|esyscmd|syscmd|\bfexec\b|\bExec\.\w+\(|-e\s+["']!/,
    effect: 'exec.code',
    positive: [
      'Runtime.getRuntime().exec("x")',
      '"id".execute()',
      'System.cmd("id", [])',
      '(shell-command "id")',
      'spawn sh',
    ],
    negative: ['1 + 1', 'print("hello")', 'scale=2; 3/4'],
  },
  {
    id: 'dynamic-python',
    languages: ['python', 'editor'],
    pattern:
      /(?<![\w.])(?:eval|exec|execfile|compile|__import__|globals|locals|vars|breakpoint|runpy\.\w+|exec_module)\s*\(|\bimportlib\b|\bbuiltins\b|\bgetattr\s*\(|__(?:builtins|class|subclasses|globals|loader|mro)__|\b(?:pickle|marshal|shelve|dill|jsonpickle)\.loads?|\byaml\.(?:unsafe_)?load\s*\(|\brunpy\b|\bcode\.interact/,
    effect: 'exec.code',
    positive: ['eval(x)', '__import__("os")', 'exec(base64.b64decode(x))', 'getattr(os, "sys"+"tem")'],
    negative: ['json.load(f)', 're.compile(x)', 'ast.literal_eval(x)', 'evaluate(1)'],
  },
  {
    id: 'dynamic-javascript',
    languages: ['javascript'],
    pattern:
      /(?<![\w.])eval\s*\(|\bnew\s+Function\b|(?<![\w.])Function\s*\(|\bconstructor\s*(?:\[|\.|\()|\bsetTimeout\s*\(\s*['"`]|\b(?:require|import)\s*\(\s*(?!['"`])[^)\s]|\bimport\s*\(\s*['"`](?:data|https?|blob):|\bglobalThis\s*\[|\bprocess\s*\[|\bvm\.\w+|\bWebAssembly\b|\bReflect\b|\bmodule\._load|\bimportScripts\b|\\u00[2-7][0-9a-f]/,
    effect: 'exec.code',
    positive: [
      'eval(x)',
      'new Function("x")',
      'require(a+b)',
      "import('https://x')",
      '[].constructor.constructor("x")()',
    ],
    negative: ["require('./package.json')", "import('./x.js')", '`${1+1}`', 'no-eval'],
  },
  {
    id: 'dynamic-other',
    languages: ['perl', 'ruby', 'php', 'lua', 'code'],
    pattern:
      /\b(?:eval|instance_eval|class_eval|module_eval|const_get|public_send|__send__|assert|create_function|call_user_func\w*|array_map|usort|unserialize|include(?:_once)?|require_once|loadstring|loadfile|dofile|load|Marshal\.load|YAML\.load|ReflectionFunction|s?preg_replace_callback|EvalFunction|load-file|read-eval)\b\s*[('"{$\s\\<]|\.send\s*\(|\bdo\s+['"][/.]|\/\w*e\w*e\s*;|\$\w+\s*\(\s*\$_/,
    effect: 'exec.code',
    positive: ['eval(x)', 'eval "x"', 'call_user_func("system", "id")', 'loadstring("x")()', 'include "http://x"'],
    negative: ['print 1', 'evaluate', 'uploaded', 'array_sum([1])'],
  },
  {
    id: 'network-python',
    languages: ['python', 'editor'],
    pattern:
      /\b(?:urllib\w*|urlopen|requests|httpx|aiohttp|http\.(?:client|server)|ftplib|smtplib|telnetlib|paramiko|xmlrpc|socketserver|asyncio\.(?:open_connection|start_server)|websockets?|pycurl|urlretrieve|boto3|imaplib|poplib|nntplib|dns\.resolver)\b|\bsocket\.(?:socket|create_\w+|getaddrinfo|gethostbyname)|\bfrom socket\b|\bimport \*|\bsocket as\b/,
    effect: 'network',
    positive: ['urllib.request.urlopen(x)', 'requests.get(x)', 'socket.socket()', 'http.server'],
    negative: ['socket.gethostname()', 'print(1)', 'json.dumps(x)'],
  },
  {
    id: 'network-javascript',
    languages: ['javascript'],
    pattern:
      /\bfetch\s*\(|\bXMLHttpRequest\b|\bWebSocket\b|\b(?:require|import)\s*\(?\s*['"](?:node:)?(?:net|dgram|tls|dns|https?|http2|axios|got|node-fetch|undici|request|ws|ssh2|nodemailer)(?:\/\w+)?['"]|\bnet\.(?:connect|Socket|createConnection)|\b(?:https?|http2)\.(?:get|request|createServer)|\bDeno\.(?:connect|listen|serve)|\bBun\.(?:connect|listen|serve)|\bsendBeacon\b|from\s+['"](?:node:)?(?:net|dgram|tls|dns|https?)['"]/,
    effect: 'network',
    positive: ["fetch('https://x')", "require('net')", "require('https').get(x)"],
    negative: ['prefetch', "require('path')", 'console.log(1)'],
  },
  {
    id: 'network-other',
    languages: ['perl', 'ruby', 'php', 'lua', 'code'],
    pattern:
      /\b(?:socket|connect|listen|bind|accept|TCPSocket|TCPServer|UDPSocket|UNIXSocket|Socket|fsockopen|stream_socket_\w+|socket_\w+|curl_\w+|IO::Socket\w*|LWP\S*|HTTP::Tiny|Net::\w+|open-uri|URI\.open|Faraday|HTTParty|RestClient|ftp_\w+|url\(|download\.file|gen_tcp|httpc|:hackney|URLConnection|ServerSocket|http\.request|luasocket)\b|\b(?:file_get_contents|fopen|readfile|copy|file)\s*\(\s*['"](?:https?|ftp|php|data|expect|phar):|\/inet\//,
    effect: 'network',
    positive: [
      'TCPSocket.new(x)',
      'fsockopen("x", 1)',
      'use Socket;',
      'Net::HTTP.get(x)',
      "file_get_contents('http://x')",
    ],
    negative: ['puts 1', 'print "hi"', 'websocket_version'],
  },
  {
    id: 'server',
    languages: SCRIPTS,
    pattern:
      /\bhttp\.server\b|\bcreateServer\s*\(|\bTCPServer\b|\bHTTPServer\b|\bWEBrick\b|\bServerSocket\b|\bSimpleHTTP\w*/,
    effect: 'network.tunnel',
    positive: ['http.server', 'net.createServer()', 'TCPServer.new(1)'],
    negative: ['server.js', 'console.log(1)'],
  },
  {
    id: 'environment-python',
    languages: ['python', 'editor'],
    pattern:
      /\bos\.environb?\b(?!\s*(?:\[\s*['"]|\.(?:get|setdefault|pop|update)\s*\())|\bgetenvb\b|\benviron\.items|from os import.*environ/,
    effect: 'read.environment',
    positive: ['print(os.environ)', 'dict(os.environ)', 'os.environ.items()'],
    negative: ["os.environ['HOME']", "os.environ.get('X')", 'os.getenv("CI")'],
  },
  {
    id: 'environment-javascript',
    languages: ['javascript'],
    pattern:
      /\bprocess\s*\.\s*env\b(?!\s*(?:\.|\?\.|\[\s*['"]))|\bDeno\.env\.toObject|\bBun\.env\b(?!\s*[.[])|import\.meta\.env\b(?!\s*\.)/,
    effect: 'read.environment',
    positive: ['console.log(process.env)', 'JSON.stringify(process.env)', 'Object.entries(process.env)'],
    negative: ['process.env.NODE_ENV', "process.env['CI']", 'process.version'],
  },
  {
    id: 'environment-other',
    languages: ['perl', 'ruby', 'php', 'lua', 'awk', 'jq', 'code'],
    pattern:
      /%ENV\b|\bENV\b\s*(?:\.(?:each|to_|map|inspect|select|sort|filter|keys|values|entries|reject|collect)|$|[);}\n])|\bgetenv\s*\(\s*\)|\$_(?:ENV|SERVER)\b(?!\s*\[)|\bphpinfo\b|\bin\s+ENVIRON\b|\bSystem\.getenv\s*\(\s*\)|\bSys\.getenv\s*\(\s*\)|\bSystem\.get_env\s*(?:\(\s*\)|$)|(?:^|[|\s(,[{])(?:env|\$ENV)\s*(?:$|[|,)\]}])|\$ENV\b(?!\.)|\bto_entries\b.*\benv\b|\benvironment\b\s*\(\)|process-environment|posix-environ/,
    effect: 'read.environment',
    positive: ['print %ENV', 'ENV.each{|k|p k}', 'getenv()', 'for (k in ENVIRON) print k', 'env', '$ENV', 'p ENV'],
    negative: ['ENV["HOME"]', 'env.HOME', '.environment', '$ENV.USER', '.env_name'],
  },
  {
    id: 'deletes',
    languages: SCRIPTS,
    pattern:
      /\bshutil\.(?:rmtree|move)|\bos\.(?:remove|unlink|rmdir|removedirs|rename|replace)\b|\b(?:rm|unlink|rmdir)(?:Sync)?\s*\(|\.unlink\s*\(|\bFileUtils\.(?:rm\w*|remove\w*|mv)|\bFile\.(?:delete|unlink|truncate)|\bDir\.(?:rmdir|unlink|delete)|\bunlink\b|\brmtree\b|\bremove_tree\b|\brimraf\b|\bos\.remove|\bdelete-(?:file|directory)|\bfs-extra\b|\bemptyDir\w*|\bFile\.rm|\bunlink\(/,
    effect: 'deletes',
    positive: ["shutil.rmtree('x')", "fs.rmSync('dist')", "FileUtils.rm_rf('x')", 'unlink "x"'],
    negative: ['form(', 'print(1)', 'x.remove(y)'],
  },
  {
    id: 'writes',
    languages: SCRIPTS,
    pattern:
      /\bopen\s*\([^)]{0,300},\s*(?:mode\s*=\s*)?['"][wax]b?\+?['"]|\b(?:write|append)File(?:Sync)?\s*\(|\bcreateWriteStream\b|\bwrite_(?:text|bytes)\b|\bFile\.(?:write|open\s*\([^)]{0,200}['"][wa])|\bIO\.write|\bfile_put_contents\b|\bfopen\s*\([^)]{0,200}['"][wa]|\bopen\s*\(?[^;]{0,80}['"]>{1,2}|\bcopy(?:file|2|tree|Sync|File|FileSync)?\s*\(|\bsymlink|\blink\s*\(|\bos\.(?:chmod|chown|symlink|link|mkfifo|rename)|\bio\.open\s*\([^)]{0,200}['"][wa]|\bBun\.write|\bDeno\.write/,
    effect: 'writes',
    positive: ["open('x','w')", "fs.writeFileSync('x', y)", "File.write('x', y)", "file_put_contents('x', y)"],
    negative: ["open('x')", "open('x', 'r')", 'fs.readFileSync("x")'],
  },
  {
    id: 'permissions',
    languages: SCRIPTS,
    pattern:
      /\bset(?:re|res)?[ug]id\b|\bchmod\w*\s*\(?[^;)]{0,80}(?:0?o?[4267][0-7]{3}|\bS_ISUID)|\bPOSIX::set|\bProcess::(?:Sys|UID)|\$[<>]\s*=\s*0|\bseteuid\b/,
    effect: 'privilege.raise',
    positive: ['os.setuid(0)', 'chmod 04755, "x"', 'POSIX::setuid(0)'],
    negative: ['getuid()', 'chmod 0644, "x"'],
  },
  {
    id: 'encoded',
    languages: SCRIPTS,
    pattern:
      /(?:\\x[0-9a-f]{2}){4}|(?:\\u00[0-9a-f]{2}){4}|(?:\\[0-3][0-7]{2}){4}|(?:\bchr\s*\(\s*\d+\s*\)\W{0,4}){4}|fromCharCode|\bcodecs\.decode|\bpack\s*\(\s*['"][HhCU]|\bunhexlify\b|\bfromhex\b|\bgzinflate\b|\bstr_rot13\b|\bhex2bin\b|\bdecode_base64\b/i,
    effect: 'exec.encoded',
    positive: [
      '"\\x72\\x6d\\x20\\x2d"',
      'String.fromCharCode(1,2)',
      'codecs.decode(x, "rot13")',
      'bytes.fromhex("ab")',
    ],
    negative: ['"\\x1b[0m"', 'print("a")', 'chr(65)'],
  },
  {
    id: 'decode-and-use',
    languages: SCRIPTS,
    pattern:
      /(?:b64decode|atob\s*\(|['"]base64['"]\s*\)|Base64\.(?:decode|strict_decode)|base64_decode|zlib\.decompress).{0,200}(?:eval|exec|compile|Function|import|system|spawn|loads|run)|(?:eval|exec|compile|Function|system|loads|run)\b.{0,200}(?:b64decode|atob\s*\(|['"]base64['"]\s*\)|Base64\.|base64_decode|zlib\.decompress)/,
    effect: 'exec.encoded',
    positive: ['exec(base64.b64decode(x))', "eval(Buffer.from('x','base64').toString())", 'eval(atob("x"))'],
    negative: ['print(base64.b64decode(x))', 'atob("x")'],
  },
  {
    id: 'fork-bomb',
    languages: SCRIPTS,
    pattern: /\bfork\b[^;\n]{0,30}\bwhile\b|\bwhile\b[^;\n]{0,30}\bfork\b|\bloop\s*\{\s*fork|\bforever\b[^;]{0,20}fork/,
    effect: 'abuse.fork-bomb',
    positive: ['fork while 1', 'while True: os.fork()', 'loop { fork }'],
    negative: ['git fork', 'while True: pass'],
  },
  {
    id: 'awk-process',
    languages: ['awk'],
    bare: true,
    pattern:
      /\bsystem\s*\(|(?<!\|)\|\s*&?\s*(?:""|getline\b|[a-z_]\w*\s*(?:$|[;}]))|\|&|@load\b|@include\b|\bgetline\b[^;}\n]{0,80}<|""\s*\|\s*&?\s*getline/,
    effect: 'exec.code',
    positive: ['BEGIN{system("id")}', '{print | "sh"}', 'BEGIN{"id" | getline x}', '{ print |& "x" }'],
    negative: ['{print $1}', '$1 == "a|b" {print}', '/x|y/ {print}', '{n++} END {print n || 0}'],
  },
  {
    id: 'awk-socket',
    languages: ['awk'],
    pattern: /\/inet\d?\/|\/dev\/(?:tcp|udp)\//,
    effect: 'network.reverse-shell',
    positive: ['BEGIN{s="/inet/tcp/0/1.2.3.4/5"}'],
    negative: ['{print $1}'],
  },
  {
    id: 'awk-writes',
    languages: ['awk'],
    pattern: /\bprintf?\b[^;}|]{0,200}>{1,2}\s*(?:"|[a-z_])/,
    effect: 'writes',
    positive: ['{print > "out.txt"}'],
    negative: ['$2 > 10 {print}', '{print $1}'],
  },
  {
    id: 'jq-modules',
    languages: ['jq'],
    pattern: /\b(?:include|import)\s+"/,
    effect: 'exec.preload',
    positive: ['include "evil"; .', 'import "x" as x; .'],
    negative: ['.include', '.imports | keys', '.import'],
  },
  ...DATABASE_SIGNS,
  {
    id: 'editor',
    languages: ['editor'],
    pattern:
      /\b(?:py3?(?:thon3?)?|perl|ruby|lua|luafile|pyfile|py3file|tcl|mzscheme|source|so|call\s+system|terminal|term|exe(?:cute)?|set\s+shell|let\s+&shell|make|grep|ruby|shell|sh|compiler|autocmd|au)\b(?:!|\s|:|$)|\bsystem(?:list)?\s*\(|\bjob_start|\bjobstart|\btermopen|\bos\.execute|\bvim\.fn\.system/,
    effect: 'exec.escape',
    positive: [':py import os', ':shell', 'call system("id")', 'lua os.execute("x")', ':terminal'],
    negative: ['%s/a/b/g', 'wq', '+10', 'set number', 'normal gg'],
  },
]
