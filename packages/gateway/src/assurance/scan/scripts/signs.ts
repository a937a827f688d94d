import { SECRET_PATH, STARTUP_PATH } from '../prose/paths.ts'

/** One thing that code does, told from its text without comments. */
export interface Sign {
  readonly id: string
  /** Global; bounded. Held against the code as it is written. */
  readonly pattern: RegExp
  /** Held against code whose strings are emptied. */
  readonly bare?: true
  /** Default: all. */
  readonly languages?: readonly string[]
}

const sign = (id: string, pattern: RegExp): Sign => ({ id, pattern })
const bare = (id: string, pattern: RegExp): Sign => ({ id, pattern, bare: true })

/** Where data comes from. */
const SOURCES: readonly Sign[] = [
  sign(
    'env-all',
    /\b(?:json\.dumps|dict|str|repr|list|copy|deepcopy|urlencode|b64encode|print)\(\s*(?:dict\()?\s*os\.environ\b|\bos\.environ\.(?:copy|items|values)\(|\bfor\b[^\n:]{1,60}\bin\s+(?:dict\()?os\.environ\b|\{\s*\*\*\s*os\.environ|=\s*os\.environ\s*(?:[\n;,)]|$)|[(,:=]\s*process\.env\s*[),;}\n]|\.\.\.process\.env\b|Object\.(?:entries|keys|values|assign)\([^)]{0,20}process\.env|JSON\.stringify\(\s*process\.env|\bENV\.(?:to_h|to_a|each|map|select|inspect)|\bos\.Environ\(\)|System\.getenv\(\s*\)|\bgetenv\(\s*\)|\$_ENV\b|Get-ChildItem\s+Env:|(?:^|[|;&\s`($])(?:env|printenv)\s*(?:[|>)`]|$)/gm,
  ),
  sign(
    'env-secret',
    /\b(?:os\.environ(?:\.get)?[[(]|os\.getenv\(|getenv\(|process\.env(?:\.|\[)|ENV(?:\.fetch)?[[(]|os\.Getenv\()\s*["'`]?\w{0,40}(?:KEY|TOKEN|SECRET|PASSW|CRED|AUTH)\w{0,20}/g,
  ),
  sign(
    'env-filter',
    /["'](?:key|token|secret|passw(?:or)?d|api|auth|cred(?:ential)?s?|private)["'](?:\s*,|\s*in\b|\s*\]|\)|\s*\|)|\/[^/\n]{0,40}(?:key|token|secret|passw)[^/\n]{0,40}\/[gimu]{0,3}\.test/gi,
  ),
  sign('secret-file', new RegExp(SECRET_PATH.source, 'gi')),
  sign(
    'browser-store',
    /Login Data\b|Local State\b|\/Cookies["']|key4\.db|logins\.json|cookies\.sqlite|Web Data\b|google-chrome|Google\/Chrome|BraveSoftware|Mozilla\/Firefox|\bsqlite3?\b[^\n]{0,80}\blogins\b|password_value|encrypted_value|Local Extension Settings|leveldb[^\n]{0,40}(?:wallet|ext)|Local Storage[^\n]{0,12}leveldb/gi,
  ),
  sign(
    'keychain',
    /find-(?:generic|internet)-password|dump-keychain|\bkeyring\.get_|secretstorage|CredEnumerate|CredRead|CryptUnprotectData|win32crypt|vaultcmd|secret-tool\s+(?:lookup|search)|SecItemCopyMatching/g,
  ),
  sign(
    'clipboard',
    /\bpbpaste\b|xclip\s+-o|xsel\s+-[bo]|wl-paste|pyperclip\.paste|clipboardy\.read|navigator\.clipboard\.read|GetClipboardData|Get-Clipboard/g,
  ),
  sign(
    'spying',
    /\bpynput\b|keyboard\.(?:on_press|record|hook)|GetAsyncKeyState|SetWindowsHookEx|pyautogui\.screenshot|ImageGrab\.grab|mss\.mss\(|screencapture\s+-x|sounddevice\.rec|cv2\.VideoCapture|node-global-key-listener|iohook/g,
  ),
  sign(
    'host-facts',
    /\b(?:socket\.gethostname|platform\.(?:node|uname)|os\.hostname\(|getpass\.getuser|os\.userInfo\(|whoami\b|uname -a|getlogin\(|ifconfig|ipconfig|hostname\b\s*[|)`])/g,
  ),
  sign(
    'walk-home',
    /(?:os\.walk|glob(?:\.glob|\.iglob)?|rglob|scandir|listdir|readdir(?:Sync)?|walk)\([^\n]{0,80}(?:expanduser|home|HOME|~|USERPROFILE|["']\/["'])|Path\.home\(\)[^\n]{0,40}\.(?:rglob|glob|iterdir)|(?:tar|zip)\s[^\n]{0,60}(?:~|\$HOME)|find\s+(?:~|\$HOME|\/home|\/)\s/g,
  ),
  sign(
    'reads-file',
    /\bopen\([^\n]{0,120}\)\.read|\.read_text\(|readFile(?:Sync)?\(|\bread\(\)|File\.read|ioutil\.ReadFile|os\.ReadFile|file_get_contents|createReadStream|\bwith open\(|\bopen\s+(?:my\s+)?\$?\w+|Files\.read\w*\(|FileInputStream|FileReader\(|fs::read\w*\(|File\.ReadAll\w+\(|read_attachment|add_attachment\(/g,
  ),
  sign('git-facts', /git\s+(?:config\s+(?:-l|--list|--get|user\.)|log|diff|remote\s+-v|credential)|\.git\/config/g),
  sign(
    'metadata-service',
    /169\.254\.169\.254|metadata\.google\.internal|100\.100\.100\.200|fd00:ec2::254|169\.254\.170\.2/g,
  ),
]

/** Where data goes, or code comes from. */
const SINKS: readonly Sign[] = [
  sign(
    'net-send',
    /\.request\(\s*["'](?:POST|PUT|PATCH)["']|\brequests\.(?:post|put|patch|request)\(|\b(?:session|client|http|httpx|s|c)\.(?:post|put|patch)\(|urlopen\([^\n]{0,200}data\s*=|urlopen\(\s*(?:urllib\.request\.)?Request\(|urlopen\(\s*\w{1,20}\s*[,)]|httpx\.(?:post|put|patch|request)|aiohttp[^\n]{0,80}\.post|\.sendBeacon\(|axios(?:\.(?:post|put|request))?\(|got\.post|needle\.post|superagent\.post|fetch\([^)]{0,300}?method\s*:\s*["'`](?:POST|PUT|PATCH)|method\s*:\s*["'`](?:POST|PUT|PATCH)["'`]|https?\.request\(|\.setRequestHeader|XMLHttpRequest|new WebSocket\(|websockets?\.connect|smtplib|sendmail\(|nodemailer|ftplib|\.storbinary|paramiko|Net::HTTP(?:\.post|::Post)|http\.Post(?:Form)?\(|curl_setopt|file_get_contents\([^\n]{0,40}http|Invoke-(?:WebRequest|RestMethod)[^\n]{0,120}-Method\s+(?:Post|Put)|UploadString|UploadFile|UploadData|\bcurl\b[^\n|]{0,300}\s(?:-d|-F|-T|--data\S*|--form|--upload-file|-X\s*(?:POST|PUT))|\bwget\b[^\n]{0,200}--post|api\.telegram\.org|discord(?:app)?\.com\/api\/webhooks|hooks\.slack\.com|\bnc\s+(?:-\w+\s+)*[\w.-]+\s+\d+|\bscp\s|rsync\s[^\n]{0,80}:|s3\.(?:upload_file|put_object)|->(?:post|put|request)\(|BodyPublishers\.|HttpURLConnection|\.(?:PostAsync|UploadString|PutAsync)\(|\b(?:reqwest|ureq|surf)::[^\n]{0,80}post|\.post\(\s*["'`]https?:|URLSession|OkHttpClient|\.sendall\(|\bsock(?:et)?\.send\(|\.connect\(\(|net\.(?:connect|createConnection)\(|new net\.Socket/g,
  ),
  sign(
    'net-get-data',
    /["'`]https?:\/\/[^"'`\n]{0,200}\?[\w.-]{1,30}=(?:["'`]\s*\+|\$\{|\{)|(?:requests\.get|urlopen|fetch|axios\.get|https?\.get|httpx\.get|curl|wget|Image\(\)\.src|new Image)\b[^\n]{0,160}(?:\?[\w.-]{1,30}=(?:["'`]\s*\+|\$\{|\{|%s|\$\(|\$[A-Za-z_])|params\s*=|["'`]\s*\+\s*\w|\$\(|`[a-z]|\{(?:data|enc|payload|b64|secret|token|d|k|v)\b)/g,
  ),
  sign(
    'dns-send',
    /(?:gethostbyname|getaddrinfo|dns\.(?:resolve|lookup|resolve4|promises)|resolver\.(?:resolve|query)|Resolv\.getaddress|nslookup|\bdig\b|\bhost\b\s)[^\n]{0,100}(?:\{[^}\n]{1,60}\}\.|\$\{[^}\n]{1,60}\}\.|\$\([^)\n]{1,80}\)\.|\+\s*["'`]\.|\$\w+\.|%s\.)/g,
  ),
  bare(
    'exec',
    /(?<![\w.])(?:exec|eval|execfile)\s*\(|\bnew Function\s*\(|(?<![\w.])Function\s*\(|\bvm\.(?:runIn\w+|Script|compileFunction)|(?<!re)\b(?:child_process|cp)\b\s*(?:\.|\[)|\bexecSync\s*\(|\bspawnSync?\s*\(|\bos\.(?:system|popen|exec[lv]\w*|spawn\w*|posix_spawn)\s*\(|\bsubprocess\.(?:run|call|Popen|check_output|check_call|getoutput)\s*\(|\bpty\.spawn|\bcommands\.getoutput|\bRuntime\.getRuntime\(\)\.exec|\bProcessBuilder\(|\bexec\.Command\(|\bInvoke-Expression\b|\biex\b|\bKernel\.(?:exec|system)|\bShellExecute|\bWScript\.Shell|\bshell_exec\(|\bpassthru\(|\bproc_open\(|\btypes\.(?:FunctionType|CodeType)\s*\(|\bimportlib\.import_module\(|\b__import__\s*\(/g,
  ),
  sign(
    'exec-module',
    /WScript\.Shell|Shell\.Application|MSXML2\.XMLHTTP|require\(\s*\\?["'](?:node:)?child_process\\?["']|from\s+["'](?:node:)?child_process["']|import\s+subprocess\b/g,
  ),
  bare(
    'eval',
    /(?<![\w.$]|def )eval\s*\(\s*(?!["'`]\s*["'`]\s*\)|\))|\bnew Function\s*\((?!\s*\))|\bInvoke-Expression\b|\biex\b\s|\bvm\.runIn\w+\(|\btypes\.FunctionType\s*\(|getPrototypeOf\(\s*(?:async\s+)?function|\(\s*(?:async\s*)?(?:function\s*\(\)|\(\)\s*=>)\s*\{\s*\}\s*\)\s*\.constructor/g,
  ),
  { ...bare('eval', /(?<![\w.$]|def )exec\s*\(\s*(?!["']|\))/g), languages: ['python'] },
  {
    ...sign(
      'eval',
      /compile\([^\n]{0,160}["']exec["']\s*\)|(?<![\w.$]|def )exec\s*\(\s*f["']|\bexec\s*\(\s*(?:["']{2}\s*\+|compile\(|zlib|base64|marshal|bytes|requests|urlopen|gzip|codecs)/g,
    ),
  },
  sign(
    'decode',
    /b64decode|b32decode|a85decode|\batob\(|Buffer\.from\([^)\n]{1,400},\s*["'](?:base64|hex)["']|zlib\.decompress|gzip\.decompress|lzma\.decompress|bz2\.decompress|inflateSync|gunzipSync|brotliDecompress|bytes\.fromhex|unhexlify|codecs\.decode\([^\n]{0,200}["'](?:rot_?13|hex|base64)|marshal\.loads|(?:bytes|bytearray|chr|fromCharCode)\([^\n)]{0,40}\^|base64\s+(?:-d|-D|--decode)|openssl\s+(?:base64|enc)\s+[^\n|]{0,30}-d\b|FromBase64String|Base64\.decode|base64_decode|gzinflate|str_rot13|unpack\(["']m0?["']\)|decodeURIComponent\(escape|String\.fromCharCode\([^)\n]{0,30}\^|\bchr\([^)\n]{0,30}\^|\^\s*(?:key|k|0x[0-9a-f]{1,4})\b[^\n]{0,30}(?:join|chr|bytes|fromCharCode)/g,
  ),
  sign(
    'sends-file',
    /(?:\bbody|\bdata|\bjson|\bfiles)["']?\s*[:=]\s*(?:await\s+)?(?:\{[^}\n]{0,40}:\s*)?(?:fs\.|fsp\.|fs\.promises\.)?(?:readFile(?:Sync)?\(|createReadStream\(|open\(|\w+\.read_(?:text|bytes)\()|sendall\(\s*open\(/g,
  ),
  sign('home-path', /homedir\(\)|expanduser\(|Path\.home\(\)|environ\[["']HOME|process\.env\.HOME|["'`]~\//g),
  sign(
    'token-command',
    /\bgh auth token\b|\bgit["'\s,]{1,6}credential["'\s,]{1,6}(?:fill|get)\b|gcloud auth (?:application-default )?print-(?:access|identity)-token|az account get-access-token|aws (?:configure get|sts get-session-token)|\bop (?:read|item get)\b|security find-(?:generic|internet)-password|\bpass show\b|vault kv get/g,
  ),
  sign(
    'decoded-run',
    /\b(\w+)=\$\([^)\n]{0,300}base64\s+(?:-d|-D|--decode)[^)\n]{0,60}\)[^]{0,400}?[\n;|&]\s*(?:eval\s+["']?)?["']?\$\{?\1\b/g,
  ),
  sign(
    'remote-get',
    /requests\.get\(|urlopen\(|urlretrieve\(|httpx\.get\(|fetch\(\s*["'`(a-z]|https?\.get\(|axios\.get\(|\bcurl\s|\bwget\s|Invoke-WebRequest|DownloadString|DownloadFile|http\.Get\(|Net::HTTP\.get|URI\.open|open-uri|file_get_contents\(\s*["']http|got\(|\biwr\b|\birm\b|Invoke-RestMethod/g,
  ),
  sign(
    'download-run',
    /(?:\biwr\b|\birm\b|\bcurl\b|\bwget\b|Invoke-WebRequest|Invoke-RestMethod|DownloadString)[^\n]{0,200}\|\s*(?:sudo\s+)?(?:iex|Invoke-Expression|sh|bash|zsh|python\d?|node|perl|ruby)\b|(?:iex|Invoke-Expression)\s*\(?\s*(?:\(?New-Object|\(?iwr|\(?irm|\(?Invoke-WebRequest|\(?Invoke-RestMethod)/gi,
  ),
  sign(
    'dns-text',
    /\bdig\b[^\n|)]{0,80}\bTXT\b|\bnslookup\b[^\n|)]{0,60}-(?:q|type|querytype)=TXT|\bhost\s+-t\s+TXT\b|\bresolveTxt\(|\bLookupTXT\(|resolve(?:r\.\w+|r)?\([^\n)]{0,80}["']TXT["']|\.(?:resolve|query)\([^\n)]{0,80}["']TXT["']|Resolve-DnsName[^\n|]{0,80}\bTXT\b/gi,
  ),
  // a shell given a variable or a file of the temporary folder
  sign(
    'shell-fed',
    /(?:^|[;&|\n]|\bthen)\s*(?:sudo\s+)?(?:(?:ba|z|da)?sh|source|eval|\.)\s+["']?(?:\$|\/tmp\/|\/dev\/shm|\/var\/tmp)|\|\s*(?:ba|z|da)?sh\b/g,
  ),
  sign(
    'foreign-index',
    /(?:index-url|extra-index-url|registry|find-links)["']?\s*[=:]\s*["']?https?:\/\/(?!(?:registry\.npmjs\.org|registry\.yarnpkg\.com|pypi\.org|npm\.pkg\.github\.com|test\.pypi\.org))[\w.-]+|trusted-host\s*=/gi,
  ),
  sign(
    'remote-message',
    /\.on\(\s*["'](?:message|data|command|task)["']|\.onmessage\s*=|\.addEventListener\(\s*["']message["']|\.recv\(|async for \w+ in (?:ws|websocket|socket|conn)/g,
  ),
  sign(
    'native-exec',
    /\b(?:VirtualAlloc(?:Ex)?|CreateRemoteThread|CreateThread\(|RtlMoveMemory|WriteProcessMemory|NtMapViewOfSection|QueueUserAPC|mprotect\()/g,
  ),
  sign(
    'computed-import',
    /(?:\bimport|\brequire|importlib\.import_module|__import__)\(\s*(?!["'`])[A-Za-z_$][\w$.[\]]{0,40}\s*\)/g,
  ),
  // Windows programs that fetch and run in one
  sign(
    'html-run',
    /\b(?:mshta|regsvr32|rundll32|msiexec|wmic|installutil|msbuild|cmstp|odbcconf)(?:\.exe)?\b[^\n|]{0,120}(?:https?:\/\/|\\\\\\\\[\w.-]+\\)/gi,
  ),
  sign('ci-secrets', /toJSON\(\s*secrets\s*\)/gi),
  sign(
    'url-import',
    /import\s*\(\s*["'`]https?:|from\s+["']https?:\/\/|require\(\s*["']https?:|importScripts\(\s*["']https?:|<script[^>]{0,80}src=["']https?:/g,
  ),
]

/** Ways that no honest code needs. */
const TRICKS: readonly Sign[] = [
  sign(
    'reverse-shell',
    /\/dev\/(?:tcp|udp)\/|\bos\.dup2\s*\(|\bdup2\s*\(\s*\w+\.fileno|pty\.spawn\(\s*["']\/bin|\bnc(?:at)?\s+(?:-\w+\s+)*-[a-z]*[ec]\s+\/|mkfifo\s+\S+[^\n]{0,80}\bnc\b|socat\s[^\n]{0,80}exec:|bash\s+-i\s|\/bin\/(?:ba)?sh["']?\s*,\s*["']-i|\.pipe\(\s*(?:sh|shell|cmd|child|proc)\.stdin|TCPSocket\.(?:open|new)[^\n]{0,120}exec|fsockopen\([^\n]{0,80}exec|System\.Net\.Sockets\.TCPClient/g,
  ),
  sign(
    'miner',
    /stratum\+(?:tcp|ssl|tls)|\bxmrig\b|\bminerd\b|coinhive|cryptonight|--donate-level|\brandomx\b|nicehash|ethminer|\bcpuminer|monero(?:ocean|hash)|supportxmr|--algo[= ](?:rx|cn|kawpow)/gi,
  ),
  sign('trojan-source', /[\u202a-\u202e\u2066-\u2069]/g),
  sign(
    'hidden-code',
    /[\u{e0020}-\u{e007f}]{3,}|[\ufe00-\ufe0f]{4,}|[\u{e0100}-\u{e01ef}]{4,}|(?:\u200b|\u200c|\u200d|\u2060|\ufeff){6,}|[\u3164\uffa0\u115f\u1160]/gu,
  ),
  sign('hex-strings', /(?:\\x[0-9a-f]{2}){5,}|(?:\\u00[0-9a-f]{2}){5,}|(?:\\[0-7]{3}){8,}/gi),
  sign(
    'mangled',
    /\b_0x[0-9a-f]{2,8}\b|\b(?:l1|lI|Il|O0|0O){4,}\w*\b|(?:\[\]|!\[\]|\+\[\]|\(!\[\]){6,}|゚ω゚|\(ﾟ|__\$\$|\[\+!\+\[\]\]/g,
  ),
  sign(
    'built-name',
    /chr\(\s*\d+\s*\)\s*\+\s*chr\(\s*\d+|String\.fromCharCode\(\s*(?:\d{2,3}\s*,\s*){4,}|\[\s*(?:0x[0-9a-f]{2}|\d{2,3})(?:\s*,\s*(?:0x[0-9a-f]{2}|\d{2,3})){7,}\s*\]\s*\.\s*map|bytes\(\s*\[\s*(?:\d{2,3}\s*,\s*){5,}|bytearray\(\s*\[|''\.join\(\s*(?:\[\s*)?(?:chr|map\(chr)|["'`]\w{1,6}["'`]\s*\+\s*["'`]\w{1,6}["'`]\s*[)\]]\s*[([.]|\[\s*["'`][\w$ ]{1,8}["'`](?:\s*,\s*["'`][\w$ ]{1,8}["'`]){1,12}\s*\]\s*\.join\(\s*["'`]{2}\s*\)|\[::-1\]|\.split\(["']{2}\)\.reverse\(\)\.join|\.mainModule\b|getattr\(\s*(?:__builtins__|builtins|os|__import__\([^)]*\))\s*,|globals\(\)\[|__builtins__|vars\(\)\[|\bglobalThis\[\s*["'`]\w{1,8}["'`]\s*\+|\bwindow\[["'`]\w{0,6}["'`]\s*\+|constructor\.constructor|\["constructor"\]|process\.mainModule|process\.binding\(/g,
  ),
  // the functions that run code, looked up by name
  sign(
    'looked-up-builtin',
    /(?:vars|getattr)\(\s*(?:__builtins__|builtins)\b|__builtins__(?:\.__dict__)?\s*[[.]|__import__\(\s*["']builtins["']\)|globals\(\)\[\s*["']__builtins__/g,
  ),
  sign(
    'split-builtin',
    /["'`](?:e["'`]\s*\+\s*["'`]val|ev["'`]\s*\+\s*["'`]al|eva["'`]\s*\+\s*["'`]l|e["'`]\s*\+\s*["'`]xec|ex["'`]\s*\+\s*["'`]ec|exe["'`]\s*\+\s*["'`]c)["'`]|\\x65\\x76\\x61\\x6c|\\x65\\x78\\x65\\x63/g,
  ),
  sign('number-list', /[[{(]\s*(?:(?:0x[0-9a-f]{1,2}|\d{1,3})\s*,\s*){24,}/gi),
  sign(
    'proxyware',
    /\b(?:traffmonetizer|honeygain|earnapp|pawns-?cli|iproyal|peer2profit|packetstream|repocket|proxyrack|bitping|proxylite|earnfm|grass-?node|bwshare|bandwidth-?shar\w+)\b|\bdocker\s+run\b[^\n]{0,200}-?-accept-tos\b[^\n]{0,60}|\bpayouts?@/gi,
  ),
  // a hook that lets every call pass
  sign(
    'hook-allows',
    /permissionDecision\\?["']?\s{0,3}[:=]\s{0,3}\\?["']allow|\bhookEventName\b[^\n]{0,200}\ballow\b|["']decision\\?["']\s{0,3}:\s{0,3}\\?["'](?:approve|allow)/g,
  ),
  sign('condition', /\b(?:if|elif|case|switch|when|match)\b|\[\[|\?\s*["'`]|\bgrep\b/g),
  sign('long-blob', /["'`][A-Za-z0-9+/=]{160,}["'`]|["'`][0-9a-f]{200,}["'`]/gi),
  sign('short-blob', /["'`](?=[A-Za-z0-9+/]{0,30}[A-Z])(?=[A-Za-z0-9+/]{0,30}[a-z])[A-Za-z0-9+/]{20,}={0,2}["'`]/g),
  sign(
    'fork',
    /\bos\.fork\(|detached\s*:\s*true|start_new_session\s*=\s*True|creationflags|nohup\s|setsid\s|disown|&\s*disown|DETACHED_PROCESS|CREATE_NO_WINDOW|windowsHide|-WindowStyle\s+Hidden/g,
  ),
  sign(
    'quiet',
    />\s*\/dev\/null\s+2>&1|stderr\s*=\s*subprocess\.DEVNULL|stdio\s*:\s*["']ignore|except[^\n:]{0,30}:\s*(?:\n\s*)?pass|catch\s*(?:\([^)]*\))?\s*\{\s*(?:return[^}]{0,20})?\}|-s\b|2>\/dev\/null|\|\|\s*true/g,
  ),
  sign(
    'temp-program',
    /(?:\/tmp|\/var\/tmp|\/dev\/shm|%temp%|\$env:temp|tempfile|os\.tmpdir\(\)|gettempdir)[^\n]{0,120}(?:chmod|\+x|0o?7[0-7]{2}|exec|spawn|Popen|system|start)/gi,
  ),
  sign(
    'chmod-x',
    /chmod\s+(?:\+x|[0-7]*7[0-7]{2}|u\+x|a\+x)|os\.chmod\([^\n]{0,60}(?:0o?7|S_IXUSR|stat\.S_I)|chmodSync\([^\n]{0,60}0o?7/g,
  ),
]

/** What is changed, and how far. */
const EFFECTS: readonly Sign[] = [
  sign(
    'startup-file',
    new RegExp(`${STARTUP_PATH.source}|["'\`][\\w-]{1,40}\\.pth["'\`]|credential\\.helper\\s+["']?!`, 'gi'),
  ),
  sign(
    'startup-tool',
    /\bcrontab\s+(?:-|\S+\/|<)|\(crontab -l|launchctl\s+(?:load|bootstrap|submit)|systemctl\s+(?:--user\s+)?(?:enable|daemon-reload)|schtasks\s+\/create|Register-ScheduledTask|New-Service|sc(?:\.exe)?\s+create|reg(?:\.exe)?\s+add[^\n]{0,80}\\run\b|winreg\.SetValue|CurrentVersion\\{1,2}Run|update-rc\.d|chkconfig|LaunchAgents|\bat\s+now|git\s+config\s+[^\n]{0,40}core\.hookspath|init\.templatedir/gi,
  ),
  sign(
    'agent-doc',
    /\b(?:AGENTS|CLAUDE|GEMINI)\.md\b|\.cursorrules|\.windsurfrules|\.clinerules|copilot-instructions\.md/g,
  ),
  sign(
    'agent-file',
    /\b(?:SOUL|MEMORY|HEARTBEAT|IDENTITY)\.md\b|\.claude\/(?:settings|hooks|skills|agents|commands|CLAUDE)|\.claude\.json|claude_desktop_config\.json|\.cursor\/(?:mcp|rules|hooks)|\.codex\/config|openclaw\.json|exec-approvals\.json|\.openclaw\/|\.mcp\.json|\.vscode\/(?:tasks|settings|mcp)\.json|skills?\/[^\s"'`]{0,60}SKILL\.md|["'`]SKILL\.md["'`]|\*\/SKILL\.md/g,
  ),
  sign(
    'writes',
    /open\([^\n]{0,160}["'][awx]b?\+?["']|\.write(?:_text|_bytes|lines)?\(|writeFile(?:Sync)?\(|appendFile(?:Sync)?\(|createWriteStream\(|copyFile(?:Sync)?\(|shutil\.(?:copy\w*|move)\(|File\.(?:write|open|append)|os\.(?:WriteFile|Create|OpenFile)\(|file_put_contents|>>?\s*["']?[~$/.\w]|\btee\s|\bcp\s|\bmv\s|\bln\s+-s|sed\s+-i|Set-Content|Add-Content|Out-File|json\.dump\(|symlink(?:Sync)?\(|\.touch\(|os\.rename\(/g,
  ),
  sign(
    'deletes-much',
    /shutil\.rmtree\([^\n]{0,80}(?:home|expanduser|HOME|["']\/["']|~|getcwd|\.parent)|\brm\s+-\w*[rR]\w*f?\w*\s+(?:--no-preserve-root\s+)?["']?(?:~|\$HOME|\/(?:\s|$|\*)|\/home|\$\{HOME\}|\.\/?\*|\*)|rm(?:Sync|dirSync)?\([^\n]{0,80}(?:homedir|HOME|["']\/["'])[^\n]{0,60}recursive|Remove-Item[^\n]{0,80}-Recurse[^\n]{0,60}(?:\$HOME|\$env:USERPROFILE|C:\\)|\bmkfs|dd\s+if=\/dev\/(?:zero|u?random)\s+of=\/dev\/|format\s+c:|vssadmin\s+delete|wbadmin\s+delete|diskutil\s+erase|DROP\s+(?:DATABASE|SCHEMA)|git\s+push[^\n]{0,40}--mirror[^\n]{0,30}--force/g,
  ),
  sign(
    'encrypts',
    /\bFernet\(|AES\.new\(|createCipheriv\(|ChaCha20|\bgpg\s[^\n]{0,40}-c\b|openssl\s+enc\s|Cipher\.getInstance/g,
  ),
  sign('removes', /os\.(?:remove|unlink)\(|\.unlink\(|unlinkSync\(|\bshred\b|fs\.rm(?:Sync)?\(|os\.Remove/g),
  sign(
    'protection-off',
    /csrutil\s+disable|spctl\s+--(?:master|global)-disable|xattr\s+-[a-z]*[dc][a-z]*\s+[^\n]{0,20}(?:quarantine|\S+\.app)|setenforce\s+0|ufw\s+disable|iptables\s+-F|systemctl\s+(?:stop|disable)\s+\S*(?:firewall|auditd|apparmor|falco|clam|crowdstrike|osquery)|Set-MpPreference|Add-MpPreference|DisableRealtimeMonitoring|netsh\s+advfirewall[^\n]{0,40}off|pkill[^\n]{0,30}(?:defender|clamd|falco|osquery|sallyport)|--dangerously-skip-permissions|bypassPermissions|danger-full-access|--no-sandbox\b|history\s+-c|unset\s+HISTFILE|HISTFILE=\/dev\/null|HISTSIZE=0|auditctl\s+-D|export\s+HISTCONTROL/gi,
  ),
  sign(
    'tls-off',
    /verify\s*=\s*False|rejectUnauthorized\s*:\s*false|NODE_TLS_REJECT_UNAUTHORIZED["']?\]?\s*=\s*["']?0|InsecureSkipVerify\s*:\s*true|_create_unverified_context|CERT_NONE|curl\s[^\n]{0,80}(?:-k\b|--insecure)|GIT_SSL_NO_VERIFY|http\.sslVerify\s+false|strict-ssl\s*=\s*false|--trusted-host/g,
  ),
  sign(
    'privilege',
    /NOPASSWD|\/etc\/sudoers|chmod\s+(?:[ugo]*\+s|[24]7\d\d)|setuid\(0\)|os\.setuid\(|usermod\s+-aG\s+(?:sudo|wheel|docker|root)|docker\s+run[^\n]{0,120}(?:--privileged|-v\s+\/:|docker\.sock|--pid[= ]host)|nsenter\s|chmod\s+-?R?\s*777\s+\/|visudo|pkexec|runas\s|setcap\s|\/etc\/passwd["']?\s*,\s*["']a|>>\s*\/etc\/(?:passwd|shadow)|net\s+localgroup\s+administrators/g,
  ),
  sign(
    'endless',
    /\bwhile\s+(?:True|1|true)\s*:|\bwhile\s*\(\s*(?:true|1|!0)\s*\)|\bfor\s*\(\s*;\s*;\s*\)|\bloop\s+do\b|while\s+:\s*;|while\s+true\s*;/g,
  ),
  sign(
    'bomb',
    /:\(\)\s*\{\s*:\s*\|\s*:|\bos\.fork\(\)[^\n]{0,40}\bwhile\b|\bwhile\b[^\n]{0,40}\bos\.fork\(|\*\s*10\s*\*\*\s*(?:[89]|\d\d)|\[[^\]\n]{0,20}\]\s*\*\s*\d{7,}|["'][^"'\n]{0,4}["']\s*\*\s*\d{9,}|"?\.repeat\(\s*(?:1e[89]|\d{9,})|yes\s*\|\s*(?:sh|bash|tee)|range\(\s*10\s*\*\*\s*(?:[9]|\d\d)\s*\)[^\n]{0,40}(?:thread|process|fork|spawn)/gi,
  ),
  sign(
    'listens',
    /\.bind\(\s*\(\s*["'](?:0\.0\.0\.0)?["']|\.listen\(|createServer\(|HTTPServer\(|app\.run\(|net\.Listen\(|nc\s+-\w*l|Flask\(|express\(\)|uvicorn\.run|socketserver/g,
  ),
  sign(
    'request-data',
    /(?:self|request|req|ctx|c)\.headers(?:\.get\(|\[)|request\.(?:args|form|json|data|query|body|get_json)|req\.(?:query|body|params)|self\.path|self\.rfile|parse_qs|\.recv\(|params\[/g,
  ),
  sign(
    'time-trigger',
    /(?:datetime\.(?:now|today|utcnow)|date\.today|new Date|time\.time|Date\.now|strftime|\bdate\s+\+)[^\n]{0,80}(?:[<>]=?|==)[^\n]{0,40}\d|\bif\b[^\n]{0,60}(?:weekday\(\)|getDay\(\)|\.year|\.month|getFullYear\(\))[^\n]{0,20}[<>=]/g,
  ),
  sign(
    'ci-or-env-trigger',
    /\bif\b[^\n]{0,80}(?:hostname|getuser|COMPUTERNAME|USERDOMAIN|ACTIVATE|BACKDOOR|MAGIC|TRIGGER|OVERRIDE)[^\n]{0,60}(?:==|in |!=|===)/g,
  ),
  sign(
    'wallet',
    /\b(?:bc1[a-z0-9]{20,60}|0x[a-fA-F0-9]{40}|[13][a-km-zA-HJ-NP-Z1-9]{26,34}|T[A-Za-z1-9]{33}|4[0-9AB][1-9A-HJ-NP-Za-km-z]{90,100})\b/g,
  ),
  sign(
    'clip-write',
    /pyperclip\.copy|\bpbcopy\b|xclip\b[^\n]{0,20}(?:-i|-sel)|clipboardy\.write|navigator\.clipboard\.write|SetClipboardData|Set-Clipboard/g,
  ),
  sign(
    'model-text',
    /(?:ignore (?:all |any )?(?:previous|prior)|system prompt|<\/?system>|<important>|you are now|\[inst\])/gi,
  ),
  sign(
    'query-built',
    /(?:execute(?:script|many)?|query|raw|prepare|cursor\.execute)\(\s*f["']|=\s*f["']{1,3}\s*(?:SELECT|INSERT|UPDATE|DELETE|DROP)\b[^"'\n]{0,200}\{|(?:execute|query|raw)\(\s*["'`](?:SELECT|INSERT|UPDATE|DELETE)[^"'`\n]{0,200}["'`]\s*(?:\+|%\s|\.format)|["'`](?:SELECT|INSERT|UPDATE|DELETE)\b[^"'\n`]{0,200}\$\{/gi,
  ),
  sign(
    'pickle',
    /\b(?:c?pickle|dill|shelve|joblib)\.(?:loads?|open)\(|yaml\.(?:load\((?![^)\n]{0,80}Safe)|unsafe_load)|Marshal\.load|unserialize\(|ObjectInputStream|torch\.load\(|node-serialize/g,
  ),
]

/** Ways of acting that show in how values meet. */
const WAYS: readonly Sign[] = [
  sign('reversed-text', /\.split\(\s*["'`]{2}\s*\)\s*\.reverse\(\)\s*\.join\(|\|\s*rev\b/g),
  // names of secrets of several services, one after the other
  sign(
    'env-names',
    /["'`][A-Z][A-Z0-9_]{0,40}(?:KEY|TOKEN|SECRET|PASSWORD|CREDENTIALS?)["'`]\s*,\s*["'`][A-Z][A-Z0-9_]{0,40}(?:KEY|TOKEN|SECRET|PASSWORD|CREDENTIALS?)["'`]/g,
  ),
  sign('env-read', /os\.(?:getenv\(|environ)|process\.env|\bENV\[|System\.getenv|os\.Getenv/g),
  // what is run comes out of a variable
  sign(
    'exec-variable',
    /\b(?:subprocess\.(?:run|call|Popen|check_output|check_call|getoutput)|os\.(?:system|popen)|exec(?:Sync|File|FileSync)?|spawn(?:Sync)?|child_process\.\w+|exec\.Command|Process\.Start|shell_exec|passthru|system)\s*\(\s*(?:\[\s*)?(?!["'`]|[fbr]["'`])[A-Za-z_$][\w$]*(?:\.\w+(?:\([^()\n]{0,40}\))?|\[[^\]\n]{1,40}\])?\s*[,)]/g,
  ),
  sign('shell-true', /shell\s*[=:]\s*[Tt]rue|\bexec(?:Sync)?\s*\(|os\.(?:system|popen)/g),
  // a member that only a variable names, of an object that holds everything
  sign(
    'global-object',
    /\bthis\s*\[\s*(?!["'`\d])|\b(?:globalThis|window|global|self|__builtins__|builtins)\b(?!\s*\.\s*(?:location|document|addEventListener|fetch|console|self|crypto|performance))/g,
  ),
  sign('computed-call', /\b[A-Za-z_$][\w$]*\[\s*[A-Za-z_$][\w$]*(?:\[\d+\])?\s*\]\s*(?:\?\.)?\(/g),
  sign(
    'planted-password',
    /\bif\b[^\n]{0,60}\b\w*(?:passw(?:or)?d|passwd|pwd|pin|token|secret|api_?key|otp|code|user(?:name)?|login)["'\])]*\s*={2,3}\s*["'](?!(?:admin|user|root|guest|test|none|null|true|false|string|bearer|basic|)["'])[^"'\n]{4,60}["'][^\n]{0,20}\s*[:{)]\s*(?:\n\s*)?(?:return\s+(?:True|true|1|\{[^}\n]{0,40}(?:ok|admin|success)|next\()|(?:is_?)?(?:admin|authenticated|authorized)\s*=\s*(?:True|true))/gi,
  ),
  sign(
    'fills-disk',
    /(?:\bwhile\s*(?::|true|\[)|for\s*\(\s*\(?;;|\bdo\b)[^\n]{0,40}(?:\n\s*)?[^\n]{0,120}(?:\bdd\s+if=\/dev\/(?:zero|u?random)|\bfallocate\b|\btruncate\s+-s\s*\d+[GT]|\bcat\s+\/dev\/(?:zero|u?random)\s*>)|\bfallocate\s+-l\s*\d{2,}[GT]|\byes\b[^\n|]{0,40}>\s*[~/$\w]/gi,
  ),
]

/** Everything that is looked for in code. */
export const SIGNS: readonly Sign[] = [...SOURCES, ...SINKS, ...TRICKS, ...EFFECTS, ...WAYS]
