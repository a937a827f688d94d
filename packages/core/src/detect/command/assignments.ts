import { NOTHING } from './flow.ts'
import { report, useRead, type Scene } from './scene.ts'
import type { Assignment } from './syntax.ts'
import { resolveWhole, type Value } from './words.ts'

/** Variables that make the next program load a library or a start file. */
const PRELOAD =
  /^(?:LD_(?:PRELOAD|AUDIT|LIBRARY_PATH|DEBUG_OUTPUT|PROFILE_OUTPUT)|DYLD_\w+|BASH_ENV|ENV|ZDOTDIR|PROMPT_COMMAND|PS[0124]|SHELLOPTS|BASHOPTS|BASH_FUNC\w*|PYTHONSTARTUP|PYTHONHOME|PYTHONPATH|NODE_PATH|CLASSPATH|GOPROXY|PYTHONINSPECT|PYTHONBREAKPOINT|PERL5(?:OPT|LIB|DB)|PERLLIB|RUBY(?:OPT|LIB)|NODE_REPL_EXTERNAL_MODULE|JAVA_TOOL_OPTIONS|_JAVA_OPTIONS|JDK_JAVA_OPTIONS|GIT_(?:EXEC_PATH|TEMPLATE_DIR|CONFIG(?:_GLOBAL|_SYSTEM|_COUNT|_KEY_\d+|_VALUE_\d+|_PARAMETERS)?|ALLOW_PROTOCOL)|GCONV_PATH|HOSTALIASES|LOCALDOMAIN|RES_OPTIONS|TERMCAP|TERMINFO|OPENSSL_(?:CONF|ENGINES|MODULES)|GNUPGHOME|NLSPATH|LOCPATH|MALLOC_\w+|GLIBC_TUNABLES|R_PROFILE\w*|AWKPATH|AWKLIBPATH|LUA_(?:INIT|PATH|CPATH)\w*|PHPRC|PHP_INI_SCAN_DIR|MAKEFLAGS|MFLAGS|GREP_OPTIONS|LESSKEY\w*|INPUTRC|TCLLIBPATH|EMACSLOADPATH|VIMINIT|EXINIT|GVIMINIT|MYVIMRC|RUSTC_WRAPPER|RUSTC|CARGO_BUILD_RUSTC_WRAPPER|CARGO_TARGET_\w+_(?:RUNNER|LINKER)|GOFLAGS|CMAKE_TOOLCHAIN_FILE|npm_config_(?:script_shell|node_options|registry|globalconfig|userconfig)|PIP_(?:INDEX_URL|EXTRA_INDEX_URL|CONFIG_FILE)|UV_INDEX_URL|UV_EXTRA_INDEX_URL|HTTPS?_PROXY|ALL_PROXY|https?_proxy|all_proxy|SSL_CERT_FILE|NODE_EXTRA_CA_CERTS|REQUESTS_CA_BUNDLE|CURL_HOME|WGETRC|KUBECONFIG|DOCKER_HOST|AWS_CONFIG_FILE|AWS_SHARED_CREDENTIALS_FILE)$/
/** Of those: ordinary when they name something below the workspace or this machine. */
const ORDINARY_VALUE =
  /^(?:|-\S*|[\w.-]+|\.?\/?[\w./$ {}=:-]+|\$\S*|https?:\/\/(?:localhost|127\.0\.0\.1)(?::\d+)?\/?)$/
const ALWAYS =
  /^(?:LD_(?:PRELOAD|AUDIT)|DYLD_INSERT_LIBRARIES|BASH_ENV|PROMPT_COMMAND|GCONV_PATH|GLIBC_TUNABLES|BASH_FUNC\w*|PERL5DB|PYTHONINSPECT)$/

/** Of those: where packages and traffic come from. */
const SOURCES = /(?:INDEX_URL|PROXY|registry)$|^(?:https?|all)_proxy$/i
const REGISTRIES =
  /^https?:\/\/(?:localhost|127\.0\.0\.1|(?:[\w-]+\.)*(?:pypi\.org|npmjs\.org|golang\.org|pytorch\.org|goproxy\.io|goproxy\.cn))(?:[:/,|]|$)/

/** Variables whose value is a command line. */
const COMMANDS =
  /^(?:(?:GIT_|MAN|BAT_|DELTA_|SYSTEMD_|AWS_|GH_|PSQL_|HG|KUBE_)?(?:PAGER|EDITOR)|VISUAL|KUBE_EDITOR|GIT_(?:SSH|SSH_COMMAND|PROXY_COMMAND|ASKPASS|EXTERNAL_DIFF|SEQUENCE_EDITOR)|SSH_ASKPASS|SUDO_ASKPASS|BROWSER|SHELL|LESSOPEN|LESSCLOSE|FCEDIT|SVN_(?:SSH|EDITOR)|CVS_RSH|RSYNC_RSH|RSYNC_CONNECT_PROG|TAR_OPTIONS|TAPE|RIPGREP_CONFIG_PATH|FZF_DEFAULT_(?:COMMAND|OPTS)|COMP_WORDBREAKS|HISTCONTROL_|MANOPT|MANROFFOPT|PERLDOC_PAGER|XDG_OPEN|NODE_OPTIONS|ZIPOPT|UNZIP|CARGO_REGISTRY_CREDENTIAL_PROVIDER)$/

/** Editors, pagers and clients that such variables name all the time. */
const ORDINARY_COMMAND =
  /^(?:cat|less|more|most|bat|delta|vim?|nvim|nano|emacs(?:client)?|code|subl|true|false|ssh|echo|:|open|xdg-open|firefox|chromium|none|ed|micro|hx|diff-so-fancy|fd|rg|find|git|sleep|-.*|\$\w+)$/

export const SECRET_NAME =
  /(?:^|_)(?:SECRETS?|TOKEN|PASSW(?:OR)?D|PASSPHRASE|PASS|API_?KEY|APIKEY|PRIVATE_?KEY|ACCESS_?KEY(?:_ID)?|CREDENTIALS?|AUTH|PAT|SESSION_?KEY|SIGNING_KEY|ENCRYPTION_KEY|MASTER_KEY|DATABASE_URL|CONNECTION_STRING|DSN)(?:_|\d|$)/i

const HISTORY = /^(?:HISTFILE|HISTSIZE|HISTFILESIZE|HISTCONTROL|HISTIGNORE|SAVEHIST)$/

/** @param temporary `A=1 program`: for one command only */
export function judgeAssignment(assignment: Assignment, scene: Scene, temporary: boolean): void {
  const { name } = assignment
  const values = assignment.values.map((word) => resolveWhole(word, scene.state.variables))
  const outputs = values.flatMap((value) => value.scripts).map((script) => scene.runScript(script, scene, NOTHING))
  const [value] = values
  if (name === 'IFS' && !temporary && value?.known === true && /\w/.test(value.text))
    report(scene, 'exec.hidden', `IFS=${value.text}`)
  if (value !== undefined) judgeVariable(name, value, scene)
  if (temporary) return
  if (assignment.array || assignment.append || value === undefined) {
    scene.state.variables.delete(name)
    if (assignment.array && values.every((each) => each.known)) {
      const text = values.map((each) => each.text).join(' ')
      scene.state.variables.set(`${name}[@]`, text)
      scene.state.variables.set(`${name}[*]`, text)
    }
    return
  }
  if (value.known) scene.state.variables.set(name, value.text)
  else if (outputs.length === 1 && outputs[0]?.text !== undefined && /^\$\(.*\)$|^`.*`$/s.test(value.text)) {
    scene.state.variables.set(name, outputs[0].text.trimEnd())
  } else if (value.scripts.length === 0 && value.variables.length > 0) scene.state.variables.set(name, value.text)
  else scene.state.variables.delete(name)
}

/** Also for `export A=…`, `env A=… program`, `-e A=…`. */
export function judgeVariable(name: string, value: Value, scene: Scene): void {
  const { text } = value
  if (PRELOAD.test(name)) {
    const redirected = SOURCES.test(name) && /^https?:/.test(text) && !REGISTRIES.test(text)
    const loads = /^(?:PERL5OPT|RUBYOPT)$/.test(name) && /-[MmIrd]/.test(text)
    const ordinary =
      !loads && !redirected && !ALWAYS.test(name) && ORDINARY_VALUE.test(text) && !/^(?:\/tmp|\/dev\/shm|~)/.test(text)
    if (!ordinary || ALWAYS.test(name)) report(scene, 'exec.preload', `${name}=${text}`)
  } else if (name === 'PATH') {
    if (
      /^(?:\.{1,2}|\/tmp|\/var\/tmp|\/dev\/shm)?(?::|\/[^:]*:|$)/.test(text) &&
      /^(?:\.{0,2}:|\.$|\/tmp|\/var\/tmp|\/dev\/shm)/.test(text)
    ) {
      report(scene, 'exec.preload', `PATH=${text}`)
    }
  } else if (COMMANDS.test(name)) {
    if (name === 'NODE_OPTIONS') {
      if (/--(?:require|import|loader|experimental-loader|inspect)|-r\b/.test(text)) report(scene, 'exec.preload', text)
    } else if (text !== '' && !value.text.startsWith('-')) runCommandValue(text, scene)
  } else if (HISTORY.test(name)) {
    if (/^(?:|0|\/dev\/null|ignore\w*|\*)$/.test(text)) report(scene, 'evade.logs', `${name}=${text}`)
  } else if (/^NODE_TLS_REJECT_UNAUTHORIZED$/.test(name) && text === '0') {
    report(scene, 'network.untrusted-tls', name)
  }
  if (text.startsWith('/proc/') || text.startsWith('/dev/tcp')) useRead(scene, value)
}

function runCommandValue(text: string, scene: Scene): void {
  const parsed = scene.parse(text)
  if ('script' in parsed) scene.runScript(parsed.script, scene, NOTHING)
  else report(scene, 'opaque.syntax', text)
  const program = /^\S+/.exec(text)?.[0].replace(/^.*\//, '') ?? ''
  const shells = /^(?:\/bin\/|\/usr\/(?:local\/)?bin\/)?(?:ba|z|da|k|fi)?sh$/.test(text)
  if (!shells && (!ORDINARY_COMMAND.test(program) || /[;&|`]|\$\(|ProxyCommand/.test(text)))
    report(scene, 'exec.preload', text)
}
