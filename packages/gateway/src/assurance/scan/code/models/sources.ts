import type { Language } from '../syntax.ts'

const javascript =
  /^(?:(?:\w+\.)?(?:req|request)(?:\(\))?\.(?:query|params?|body|headers?|cookies|signedCookies|url|originalUrl|path|files?|rawBody|json|text|formData|get|header|nextUrl|valid|hostname|payload|parsedUrl|raw|on)\b|ctx\.(?:query|params|request|body|headers?|req|args|input|searchParams|match|message|path|url|originalUrl|href|querystring|hostname|host|cookies|get)\b|c\.req\b|(?:event|e|evt|msg|message)\.(?:data|queryStringParameters|pathParameters|body|headers|request|content|text|target\.value|detail|payload)\b|(?:window\.|document\.)?location\.(?:search|hash|href)|document\.(?:cookie|URL|referrer)|process\.(?:argv|stdin)|Deno\.args|Bun\.argv|prompt\(\)|.*searchParams\.get\(\)|.*\b(?:entry|header|file|member|item)\.(?:entryName|fileName|originalname|rawEntryName)$|.*\b(?:entry|header)\.(?:path|name)$|.*\.readline\(\)|useSearchParams\(\)|useParams\(\)|.*\.question\(\)|.*\.fields\.\w+)/
const python =
  /^(?:(?:flask\.|self\.|\w+\.)?(?:request|req|flask_request)\.(?:args|form|json|data|values|files|headers|cookies|forms|get_json|get_data|GET|POST|body|FILES|META|COOKIES|query_params|path_params|match_info|query|stream|url|path|params|rel_url|content|text|post|read|get_argument|view_args)\b|self\.get_(?:argument|query_argument|body_argument)\(\)|input\(\)|raw_input\(\)|sys\.(?:argv|stdin)|click\.prompt\(\)|.*\.(?:recv|recvfrom|receive|receive_text|receive_json)\(\)|event\[|event\.|.*\.(?:namelist|getnames|getmembers|infolist)\(\)|.*\b(?:member|entry|info|zinfo|zipinfo|tarinfo)\.(?:name|filename)$|st\.(?:text_input|text_area)\(\)|.*parse_args\(\)|.*\.rfile\b|message\.(?:content|text|body)|update\.message)/
const go =
  /^(?:(?:r|req|request|\w+\.Request)\.(?:URL\.(?:Query|Path|RawQuery|RawPath|String|Fragment)|FormValue|PostFormValue|Form|PostForm|Header|Body|Cookie|PathValue|Host|RequestURI|MultipartForm|FormFile|UserAgent|Referer)\b|(?:c|ctx|context|e)\.(?:Param|Params|Query|QueryParam|DefaultQuery|PostForm|FormValue|GetHeader|Body|BodyParser|FormFile|GetRawData|ShouldBind\w*|Bind\w*|Cookies|Get|UserValue|QueryArgs|PostArgs|PathParam)\b|(?:mux\.Vars|chi\.URLParam|os\.Args|os\.Stdin|flag\.Arg|flag\.Args|httprouter\.ParamsFromContext)|.*URL\.Query\(\)|.*\b(?:hdr|header|tarHeader|f|file|zf|entry)\.Name$|.*\.ReadString\(\)|.*\.(?:FormValue|PostFormValue)\(\))/
const ruby =
  /^(?:params|request|cookies|ARGV|ARGF|gets|STDIN|\$stdin|Readline|session\b|.*\.(?:gets|readline)\b|env\b|(?:.*\b(?:entry|file|zip\w*\[\]|archive\[\])|Zip\.\w+(?:\(\))?\[\])\.(?:name|original_filename)$|headers)/
const java =
  /^(?:.*\.(?:getParameter|getParameterValues|getParameterMap|getHeader|getHeaders|getQueryString|getPathInfo|getRequestURI|getRequestURL|getInputStream|getReader|getCookies|getPart|getOriginalFilename|getSubmittedFileName|queryParam|pathParam|getFirst|readLine|nextLine|getQueryParams|getPathParameters)\(\)|args\b|.*\b(?:entry|ze|zipEntry|e|tarEntry)\.getName\(\))/
const bash = /^\$(?:[0-9@*]$|QUERY_STRING|REQUEST_URI|HTTP_|REPLY|PATH_INFO|POST_DATA|QUERY|USER_INPUT)/

/** Paths whose value somebody else chooses. */
export const SOURCES: Readonly<Record<Language, RegExp>> = {
  javascript,
  typescript: javascript,
  python,
  go,
  ruby,
  java,
  bash,
}

const configuredJs =
  /^(?:process\.(?:env|cwd|execPath|versions?|platform|pid)|import\.meta|Deno\.env|Bun\.env|os\.(?:tmpdir|homedir|hostname)|__dirname|__filename|require\.resolve|.*\b(?:settings|Config|environment)\.|path\.sep|fs\.mkdtemp|(?:req|request)\.files?(?:\[\])?\.(?:path|filename|destination|fieldname|size)$)/

/** Paths whose value the operator chooses, or the program for itself. */
export const CONFIGURED: Readonly<Record<Language, RegExp>> = {
  javascript: configuredJs,
  typescript: configuredJs,
  python:
    /^(?:os\.(?:environ|getenv|getcwd|sep|path\.sep|curdir)|settings\.|config\.|conf\.|app\.config|current_app\.config|sys\.(?:executable|path|prefix|platform|modules)|tempfile\.|__file__|__name__|pathlib\.Path\.(?:home|cwd)|decouple\.config|environ\b)/,
  go: /^(?:os\.(?:Getenv|LookupEnv|TempDir|MkdirTemp|CreateTemp|UserHomeDir|Getwd|Executable|Hostname|UserConfigDir|UserCacheDir)|t\.TempDir|runtime\.|viper\.|cfg\.|conf\.|config\.)/,
  ruby: /^(?:ENV\b|Rails\.(?:root|application|env|configuration|public_path)|__dir__|__FILE__|Dir\.(?:pwd|tmpdir|mktmpdir|home)|[Ss]ettings\.|Figaro|RbConfig|.*\.tempfile\b)/,
  java: /^(?:System\.(?:getenv|getProperty)|Files\.createTemp\w*|File\.createTempFile|.*\benv\.getProperty)/,
  bash: /^\$(?:HOME|PWD|OLDPWD|TMPDIR|TMP|PATH|USER|LOGNAME|HOSTNAME|SHELL|UID|EUID|RANDOM|SECONDS|LINENO|BASH_SOURCE|BASH_VERSION|IFS|LANG|LC_\w+|PPID|OSTYPE|HOSTTYPE|MACHTYPE|[?$#!_-]$|0$|XDG_\w+|GITHUB_(?:WORKSPACE|OUTPUT|ENV|PATH|SHA|RUN_ID|REPOSITORY|ACTOR|STEP_SUMMARY)|CI|RUNNER_\w+|SCRIPT_DIR|script_dir|DIR|BASEDIR|ROOT|ROOT_DIR|NPM_\w+|NODE_ENV|EDITOR|VISUAL|TERM|COLUMNS|LINES|FUNCNAME|SHLVL)$/,
}
