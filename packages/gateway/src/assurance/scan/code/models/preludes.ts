import type { Language } from '../syntax.ts'

/** Names that excerpts use without declaring them, `short=full` or just the name of a module. */
const table = (text: string): ReadonlyMap<string, string> =>
  new Map(
    text
      .trim()
      .split(/\s+/)
      .map((row): [string, string] => {
        const [short = '', full = short] = row.split('=')
        return [short, full]
      }),
  )
const from = (module: string, names: string): string =>
  names
    .split(' ')
    .map((name) => `${name}=${module}.${name}`)
    .join(' ')

const javascript = table(`
  fs path crypto os url http https net tls vm v8 util child_process zlib readline querystring cp=child_process
  childProcess=child_process fsp=fs fse=fs fsPromises=fs axios fetch got superagent needle undici request=request
  CryptoJS serialize=node-serialize yaml=js-yaml jsyaml=js-yaml jwt=jsonwebtoken forge=node-forge _ lodash=_ shell=shelljs
  execa Buffer JSON Math Object Array String Number Date Promise Reflect RegExp URL URLSearchParams Function eval require
  setTimeout setInterval setImmediate setTimeout console process module exports Symbol Map Set parseInt parseFloat
  encodeURIComponent encodeURI decodeURIComponent unescape escape atob btoa isNaN globalThis window self global
  ejs pug Handlebars=handlebars nunjucks Mustache=mustache unserialize=node-serialize.unserialize
  tar unzipper AdmZip=adm-zip document navigator importScripts XMLHttpRequest WebSocket EventSource
  ${from('child_process', 'spawn spawnSync execSync execFile execFileSync')}
  ${from('crypto', 'createHash createHmac createCipheriv createDecipheriv createCipher createDecipher randomBytes randomUUID pbkdf2Sync pbkdf2 scryptSync timingSafeEqual generateKeyPairSync generateKeyPair createSign createVerify')}
  ${from('fs', 'readFile readFileSync writeFile writeFileSync appendFile appendFileSync createReadStream createWriteStream unlink unlinkSync readdir readdirSync existsSync copyFile rm rmSync mkdir mkdirSync')}
  ${from('path', 'join resolve basename normalize relative isAbsolute extname dirname')}
  ${from('vm', 'runInNewContext runInThisContext runInContext')} promisify=util.promisify fileURLToPath=url.fileURLToPath`)

const python = table(`
  os sys re json subprocess pickle yaml hashlib hmac random secrets ssl socket shutil tempfile base64 ast importlib marshal
  shelve dill joblib torch numpy np=numpy pandas pd=pandas requests httpx aiohttp urllib urllib3 http sqlite3 psycopg2 pymysql
  tarfile zipfile pathlib jwt paramiko ftplib smtplib telnetlib logging jsonpickle cloudpickle sqlalchemy flask django jinja2
  asyncio pty shlex operator functools itertools collections math time datetime uuid string textwrap copy glob io codecs
  crypt bcrypt commands popen2 ctypes code builtins __builtins__ __import__ eval exec compile open input getattr print len
  str int float bool bytes list dict set tuple sorted range map filter zip enumerate repr type isinstance any all min max
  sum abs round chr ord hex iter next vars globals locals setattr hasattr super object Exception ValueError
  Path=pathlib.Path urlopen=urllib.request.urlopen urlretrieve=urllib.request.urlretrieve Popen=subprocess.Popen
  urlparse=urllib.parse.urlparse urljoin=urllib.parse.urljoin quote=urllib.parse.quote urlencode=urllib.parse.urlencode
  check_output=subprocess.check_output check_call=subprocess.check_call AES=Crypto.Cipher.AES DES=Crypto.Cipher.DES
  DES3=Crypto.Cipher.DES3 ARC4=Crypto.Cipher.ARC4 Blowfish=Crypto.Cipher.Blowfish RSA=Crypto.PublicKey.RSA
  DSA=Crypto.PublicKey.DSA MD5=Crypto.Hash.MD5 SHA1=Crypto.Hash.SHA1 modes=cryptography.modes rsa=cryptography.rsa
  algorithms=cryptography.algorithms hashes=cryptography.hashes text=sqlalchemy.text Template=jinja2.Template
  Environment=jinja2.Environment render_template_string=flask.render_template_string send_file=flask.send_file
  send_from_directory=flask.send_from_directory secure_filename=werkzeug.utils.secure_filename
  safe_join=werkzeug.utils.safe_join cursor=cursor RawSQL=django.db.models.expressions.RawSQL import_module=importlib.import_module
  SafeLoader=yaml.SafeLoader CSafeLoader=yaml.CSafeLoader FullLoader=yaml.FullLoader UnsafeLoader=yaml.UnsafeLoader
  itemgetter=operator.itemgetter YAML=ruamel.yaml.YAML FileResponse=fastapi.FileResponse HTTPAdapter=requests.HTTPAdapter
  mark_safe=django.mark_safe ET=xml.etree.ElementTree etree=lxml`)

const go = table(`
  exec=os/exec http=net/http ioutil=io/ioutil filepath=path/filepath os io fmt strings strconv bytes context errors sql=database/sql
  md5=crypto/md5 sha1=crypto/sha1 sha256=crypto/sha256 sha512=crypto/sha512 des=crypto/des rc4=crypto/rc4 aes=crypto/aes
  cipher=crypto/cipher rsa=crypto/rsa dsa=crypto/dsa ecdsa=crypto/ecdsa rand=math/rand tls=crypto/tls x509=crypto/x509
  hmac=crypto/hmac gob=encoding/gob json=encoding/json xml=encoding/xml yaml=yaml template=text/template url=net/url net
  path syscall log zip=archive/zip tar=archive/tar base64=encoding/base64 hex=encoding/hex regexp sort slices time math
  plugin bufio bcrypt=crypto/bcrypt argon2=crypto/argon2 md4=crypto/md4 ripemd160=crypto/ripemd160 blowfish=crypto/blowfish
  ssh=crypto/ssh pbkdf2=crypto/pbkdf2 scrypt=crypto/scrypt uuid=github.com/google/uuid big=math/big mux=mux chi=chi gin=gin
  websocket=github.com/gorilla/websocket jwt=github.com/golang-jwt/jwt otto=github.com/robertkrimen/otto goja=github.com/dop251/goja
  msgpack=github.com/vmihailenco/msgpack append make new len cap string copy panic print println recover delete close nil true false
  int int64 int32 uint uint64 float64 byte rune error any min max iota _`)

const ruby =
  table(`system exec spawn eval open require require_relative load puts print p raise rand srand Integer Float String Array
  instance_eval class_eval module_eval send public_send binding loop lambda proc sleep exit abort format sprintf printf
  render redirect_to send_file send_data head test trap fork syscall gets warn catch throw block_given? attr_accessor
  attr_reader attr_writer include extend private public protected freeze`)

const NONE: ReadonlyMap<string, string> = new Map()

export const PRELUDES: Readonly<Record<Language, ReadonlyMap<string, string>>> = {
  javascript,
  typescript: javascript,
  python,
  go,
  ruby,
  java: NONE,
  bash: NONE,
}
