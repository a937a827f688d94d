/** What a function makes of its subject: its first argument, or of a method the object. */
export type Effect =
  | 'measure'
  | 'same'
  | 'text'
  | 'basename'
  | 'normal'
  | 'under'
  | 'path'
  | 'join'
  | 'list-join'
  | 'fill'
  | 'shell'
  | 'encoded'
  | 'sql'
  | 'any'
  | 'element'
  | 'values'
  | 'append'
  | 'table'
  | 'replace'
  | 'drop'
  | 'ip'

const table = (rows: Readonly<Partial<Record<Effect, string>>>): ReadonlyMap<string, Effect> =>
  new Map(
    Object.entries(rows).flatMap(([effect, names]) =>
      names
        .trim()
        .split(/\s+/)
        .map((name): [string, Effect] => [name, effect as Effect]),
    ),
  )

/** Functions by their full name. */
export const TRANSFORMS = table({
  measure: `int float len bool ord hash id abs round hex bin Number parseInt parseFloat Boolean BigInt isNaN Math.floor Math.round
    Math.random Math.max Math.min Math.trunc Math.abs Math.ceil Date.now performance.now time.time time.monotonic time.Now
    datetime.datetime.now uuid.uuid4 uuid.UUID uuid.uuid1 crypto.randomUUID crypto.randomBytes secrets.token_hex secrets.token_urlsafe
    secrets.token_bytes secrets.randbelow os.urandom strconv.Atoi strconv.ParseInt strconv.ParseUint strconv.ParseFloat
    strconv.ParseBool strconv.Itoa strconv.FormatInt Integer Float Integer.parseInt Integer.valueOf Long.parseLong Long.valueOf
    Double.parseDouble Boolean.parseBoolean UUID.fromString UUID.randomUUID SecureRandom.hex SecureRandom.uuid decimal.Decimal
    github.com/google/uuid.New github.com/google/uuid.NewString github.com/google/uuid.Parse uuid.v4 uuid.NewString uuid.New
    nanoid.nanoid bson.ObjectId mongoose.Types.ObjectId random.randint random.random max min sum any all
    os.getpid process.pid os.path.getsize isinstance datetime.date.today Date.parse DateTime.parse LocalDate.parse LocalDateTime.parse Instant.parse datetime.strptime datetime.datetime.strptime datetime.datetime.fromisoformat datetime.date.fromisoformat datetime.fromisoformat date.fromisoformat time.Parse hashlib.sha256 hashlib.sha512 crypto/sha256.Sum256 crypto/sha512.Sum512 crypto/sha1.Sum crypto/md5.Sum encoding/hex.EncodeToString
    HexFormat.of().formatHex DigestUtils.sha256Hex Hex.encodeHexString hash/fnv.New32a hash/crc32.ChecksumIEEE zlib.crc32 binascii.crc32 binascii.hexlify
    Digest.SHA256.hexdigest SecureRandom.hex SecureRandom.uuid SecureRandom.alphanumeric ulid.ulid cuid.createId crypto.randomInt nanoid`,
  text: `socket.gethostbyname net.LookupIP net.ResolveIPAddr InetAddress.getByName Resolv.getaddress IPSocket.getaddress str Buffer.alloc Uint8Array String bytes bytearray repr unicode string Buffer.from Array.from list tuple set sorted reversed iter iter frozenset
    Promise.resolve Set frozenset ImmutableList.of ImmutableSet.copyOf List.copyOf Set.copyOf Object.freeze Object.values Object.entries Object.keys Object.assign JSON.stringify json.dumps io.StringIO io.BytesIO StringIO textwrap.dedent
    inspect.cleandoc strings.TrimSpace strings.Repeat strings.ToLower strings.ToUpper strings.Trim strings.TrimPrefix strings.TrimSuffix
    strings.TrimRight strings.TrimLeft strings.NewReader bytes.NewReader bytes.NewBufferString strings.Title path.parse
    String.valueOf Objects.requireNonNull Optional.of os.fsencode os.fsdecode os.fspath url.fileURLToPath url.pathToFileURL
    url.parse URI URI.parse URI.create URI.join Addressable.URI.parse URL new-URL UriComponentsBuilder.fromHttpUrl UriComponentsBuilder.fromUriString UriComponentsBuilder.fromUri URIBuilder HttpUrl.parse HttpUrl.get furl.furl urllib.parse.urlparse urllib.parse.urlsplit
    urllib.parse.unquote decodeURIComponent decodeURI unescape net/url.Parse net/url.PathUnescape net/url.QueryUnescape
    os.path.dirname path.dirname path/filepath.Dir path.Dir File.dirname os.path.splitext os.path.expanduser os.path.expandvars strings.ToValidUTF8 html.escape html.unescape CGI.unescape URI.decode_www_form_component URLDecoder.decode Arrays.stream Arrays.copyOf bytes.TrimSpace lo.Uniq Uri.parse yarl.URL httpx.URL
    sqlalchemy.text sql.SQL psycopg2.sql.SQL psycopg.sql.SQL urllib.request.Request Request HttpGet HttpPost base64.b64decode atob
    Base64.decode64 copy.copy copy.deepcopy structuredClone _.cloneDeep HttpRequest.newBuilder markupsafe.Markup aiofiles.os.path`,
  table: `Map dict Object.fromEntries collections.OrderedDict types.MappingProxyType Map.copyOf ImmutableMap.copyOf Collections.unmodifiableMap`,
  basename: `path.basename os.path.basename File.basename path/filepath.Base path.Base secure_filename werkzeug.utils.secure_filename
    FilenameUtils.getName ntpath.basename posixpath.basename sanitize-filename sanitize filenamify sanitizeFilename`,
  normal: `path.resolve path.normalize path.join os.path.realpath os.path.abspath os.path.normpath fs.realpathSync fs.realpath
    File.expand_path File.realpath File.absolute_path path/filepath.Clean path/filepath.Join path/filepath.Abs path/filepath.EvalSymlinks
    path.Clean path.Join path.relative os.path.relpath path/filepath.Rel FilenameUtils.normalize realpath readlink`,
  path: `pathlib.Path Pathname Pathname.new File Path.of Paths.get os.path.join File.join posixpath.join path.format Rails.root.join`,
  under: `werkzeug.utils.safe_join flask.safe_join securejoin.SecureJoin github.com/cyphar/filepath-securejoin.SecureJoin
    django.utils._os.safe_join os.OpenInRoot ActiveStorage.Filename resolve-path`,
  join: `String.Concat`,
  'list-join': `strings.Join String.join string.join`,
  fill: `fmt.Sprintf fmt.Errorf fmt.Appendf util.format String.format format sprintf MessageFormat.format printf _.template`,
  shell: `shlex.quote pipes.quote shlex.join Shellwords.escape Shellwords.shelljoin Shellwords.join shell-quote.quote
    shell-escape shellescape.quote shq mslex.quote subprocess.list2cmdline shescape.quote`,
  encoded: `encodeURIComponent urllib.parse.quote_plus urllib.parse.quote urllib.parse.urlencode net/url.PathEscape net/url.QueryEscape
    CGI.escape ERB.Util.url_encode URI.encode_www_form_component URI.encode_www_form URLEncoder.encode querystring.stringify
    querystring.escape URI.encode_uri_component UriUtils.encodePathSegment`,
  sql: `mysql.escape mysql.escapeId pg-format SqlString.escape sqlstring.escape pgp.as.format psycopg2.sql.Identifier psycopg.sql.Identifier
    psycopg2.sql.Literal psycopg2.sql.Placeholder psycopg.sql.Placeholder psycopg.sql.Literal sql.Identifier sql.Literal sql.Placeholder
    pq.QuoteIdentifier github.com/lib/pq.QuoteIdentifier github.com/lib/pq.QuoteLiteral pgx.Identifier
    ActiveRecord.Base.sanitize_sql ActiveRecord.Base.sanitize_sql_array ActiveRecord.Base.connection.quote sanitize_sql_like`,
  replace: `strings.Replace strings.ReplaceAll bytes.ReplaceAll StringUtils.replace`,
  ip: `ipaddress.ip_address ipaddress.IPv4Address ipaddress.IPv6Address ipaddress.ip_network net.ParseIP net/netip.ParseAddr netip.ParseAddr IPAddr.new netaddr.IPAddress`,
  any: `secrets.choice random.choice ast.literal_eval`,
})

/** Methods by their name, whatever the object is. */
export const METHODS = table({
  measure: `digest length size count index indexOf findIndex lastIndexOf find_index getTime valueOf toFixed to_i to_f to_r getAsInt intValue
    longValue hexdigest isoformat strftime toISOString timestamp bit_length Unix UnixNano nextInt nextLong compareTo hashCode ordinal
    isdigit startswith endswith startsWith endsWith includes contains has equals equalsIgnoreCase positive? zero? nil? empty? present?
    blank? isEmpty exists is_file is_dir Seconds Milliseconds`,
  text: `trim strip lstrip rstrip lower upper casefold title capitalize toLowerCase toUpperCase toString to_s to_str to_sym decode encode
    toLocaleLowerCase trimEnd trimStart String Bytes getBytes toCharArray chomp chop downcase upcase freeze dup clone html_safe strip_heredoc
    squish slice substring substr subSequence split splitlines read_text as_posix expanduser absolute
    toPath toFile toUri toURL toAbsolutePath unwrap expect toArray  normalize_unicode text json to_path as_str padStart padEnd
    lines repeat ljust rjust zfill center sort uniq compact flatten to_a stringify intern getPath items entries iterator stream
    removeprefix removesuffix partition rpartition rsplit at charAt codePointAt toSorted build uri url GET POST header
    timeout toUriString toUri toURI geturl buildUpon newBuilder human_repr version setHeader addHeader getParent getParentFile parent dirname`,
  basename: `basename getFileName  original_filename_safe`,
  same: `lean  asJava self this await seal ravel value  context withContext WithContext StdinPipe`,
  normal: `resolve normalize realpath expand_path cleanpath toRealPath getCanonicalPath getCanonicalFile relative_to relativize`,
  path: `joinpath join_path`,
  join: `concat  plus`,
  'list-join': `join`,
  fill: `format formatted format_map`,
  shell: `shellescape`,
  element: `get pop shift first last fetch dig getOrDefault at next sample setdefault`,
  values: `values`,
  replace: `replace replaceAll gsub tr sub delete ReplaceAllString replaceFirst`,
})

/** What programs print, by their name in a shell script. */
export const SHELL_TRANSFORMS = table({
  measure: `wc date seq nproc id whoami uname hostname uuidgen md5sum sha256sum sha1sum sha512sum cksum stat du df expr test [ openssl
    $RANDOM shuf git pwd dirname mktemp`,
  basename: `basename`,
  join: `echo`,
  fill: `printf`,
  normal: `realpath readlink`,
})
