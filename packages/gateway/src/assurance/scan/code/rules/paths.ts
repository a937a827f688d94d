import type { Rule } from '../rule.ts'

const FS =
  'readFile readFileSync writeFile writeFileSync appendFile appendFileSync open openSync openAsBlob createReadStream createWriteStream unlink unlinkSync rm rmSync rmdir rmdirSync readdir readdirSync opendir opendirSync  rename renameSync copyFile copyFileSync cp cpSync link linkSync symlink symlinkSync truncate truncateSync chmod chmodSync chown chownSync readJson readJsonSync writeJson writeJsonSync outputFile outputFileSync outputJson readJSON writeJSON remove removeSync move moveSync copy copySync emptyDir readlink utimes   createFile ensureFile mkdir mkdirSync mkdtemp watch watchFile statfs lchown lutimes ensureDir ensureDirSync ensureFileSync outputFileSync outputJsonSync emptyDirSync pathExists readv glob globSync'
    .split(' ')
    .map((name) => `fs.${name}`)
    .join(' ')

/** A file is named by somebody else and its path is not kept inside a directory. */
export const PATH: Rule = {
  id: 'code.path_traversal.file',
  severity: 'high',
  cwe: 22,
  title: 'A path that somebody else chooses is not kept inside a directory',
  fix: 'Resolve the path and check that it lies below the directory (`resolve` + `startsWith(root + sep)`, `is_relative_to`, `filepath.IsLocal`), or take only its base name.',
  sinks: {
    javascript: [
      {
        call: `${FS} readFile readFileSync writeFile writeFileSync createReadStream createWriteStream unlink Deno.readTextFile Deno.readFile Deno.writeTextFile Deno.writeFile Deno.open Deno.remove Bun.file Bun.write send sendfile rimraf rimraf.sync del del.sync jsonfile.readFile jsonfile.writeFile vscode.workspace.fs.readFile Deno.readDir Deno.mkdir Deno.copyFile Deno.rename Deno.create Deno.readTextFileSync Deno.readFileSync Deno.writeTextFileSync Deno.writeFileSync Deno.removeSync Deno.openSync load-json-file write-file-atomic move-file cpy make-dir mkdirp trash node-stream-zip fast-glob glob glob.sync globby sharp jimp.read exceljs.readFile xlsx.readFile XLSX.readFile @fastify/send hono/serve-static.serveStatic process.chdir`,
        take: 'path',
        args: [0],
      },
      {
        call: 'fs.rename fs.renameSync fs.copyFile fs.copyFileSync fs.cp fs.cpSync fs.link fs.symlink fs.move fs.copy',
        take: 'path',
        args: [1],
      },
      { call: 'express.static send', take: 'path', args: [0, 1] },
      {
        call: '*.sendFile *.sendfile *.download',
        take: 'path',
        where: [
          {
            on: /(?:^|\.)_?(?:res|response|Response\(\)|ctx|c|resp)(?:\.\w+\(\))*$|(?:status|type|header|set|code)\(\)$/,
          },
        ],
        unless: [{ arg: 'root', is: 'given' }],
      },
      {
        call: '*.readFile *.readFileSync *.writeFile *.writeFileSync *.createReadStream *.createWriteStream *.unlink *.unlinkSync',
        take: 'path',
        where: [{ on: /fs|promises/i }],
      },
      { call: '*.mv', take: 'path', where: [{ on: /file/i }] },
    ],
    python: [
      {
        call: 'open io.open codecs.open os.open os.remove os.unlink os.rmdir os.removedirs os.rename os.replace os.listdir os.scandir os.symlink os.link os.chmod os.chown os.truncate os.readlink shutil.copy shutil.copy2 shutil.copyfile shutil.copytree shutil.move shutil.rmtree shutil.unpack_archive aiofiles.open anyio.open_file flask.send_file fastapi.FileResponse fastapi.responses.FileResponse starlette.responses.FileResponse linecache.getlines fileinput.input numpy.loadtxt numpy.fromfile pandas.read_csv pandas.read_excel pandas.read_parquet gzip.open bz2.open lzma.open PIL.Image.open Image.open aiohttp.web.FileResponse web.FileResponse smart_open.open sanic.response.file os.mkdir os.makedirs os.utime os.walk os.mknod os.mkfifo os.chdir shutil.make_archive glob.glob glob.iglob configparser.ConfigParser().read numpy.save numpy.savetxt numpy.genfromtxt pandas.read_json pandas.read_table pandas.read_feather polars.read_csv polars.read_parquet cv2.imread cv2.imwrite imageio.imread soundfile.read openpyxl.load_workbook wave.open mmap.open litestar.response.File quart.send_file starlette.staticfiles.StaticFiles bottle.static_file aiohttp.web.FileResponse aiofiles.os.remove aiofiles.os.unlink aiofiles.os.rename aiofiles.os.mkdir aioshutil.rmtree send2trash.send2trash io.FileIO io.open_code filecmp.cmp fileinput.FileInput linecache.getline',
        take: 'path',
        args: [0, 'file', 'path'],
      },
      {
        call: 'os.rename os.replace shutil.copy shutil.copy2 shutil.copyfile shutil.copytree shutil.move os.symlink os.link',
        take: 'path',
        args: [1],
      },
      {
        call: 'pathlib.Path().read_text pathlib.Path().read_bytes pathlib.Path().write_text pathlib.Path().write_bytes pathlib.Path().open pathlib.Path().unlink pathlib.Path().rmdir pathlib.Path().rename pathlib.Path().iterdir pathlib.Path().touch pathlib.Path().mkdir pathlib.Path().replace pathlib.Path().glob pathlib.Path().rglob pathlib.Path().symlink_to pathlib.Path().hardlink_to pathlib.Path().chmod',
        take: 'path',
        args: ['receiver'],
      },
      { call: '*.read_text *.read_bytes *.write_text *.write_bytes *.unlink', take: 'path', args: ['receiver'] },
      { call: '*.save', take: 'path', where: [{ on: /file|upload|image|img/i }] },
      { call: '*.save', take: 'path', where: [{ arg: 0, from: /filename|[Nn]ame$/ }] },
      { call: '*.open', take: 'path', args: ['receiver'], where: [{ on: /pathlib|[pP]ath\(\)$|\?$/ }] },
    ],
    go: [
      {
        call: 'os.Open os.OpenFile os.Create os.ReadFile os.WriteFile os.Remove os.RemoveAll os.Rename os.ReadDir os.Truncate os.Chmod os.Symlink os.Link io/ioutil.ReadFile io/ioutil.WriteFile io/ioutil.ReadDir os.DirFS syscall.Open path/filepath.Glob os.Mkdir os.MkdirAll os.Chown os.Chtimes os.Readlink os.Lchown os.CreateTemp os.MkdirTemp os.CopyFS path/filepath.Walk path/filepath.WalkDir io/ioutil.TempFile text/template.ParseFiles html/template.ParseFiles template.ParseFiles github.com/spf13/afero.ReadFile net/http.ServeFileFS',
        take: 'path',
        args: [0],
      },
      { call: 'os.Rename os.Symlink os.Link os.CopyFS', take: 'path', args: [1] },
      { call: 'net/http.ServeFile', take: 'path', args: [2] },
      { call: 'net/http.Dir', take: 'path' },
      {
        call: '*.File *.SendFile *.FileAttachment *.Attachment *.SaveUploadedFile *.SaveFile *.Download',
        take: 'path',
        args: [0, 1],
        where: [{ on: /^(?:c|ctx|context|e|gin|echo|gc|ec)$|[cC]ontext\(\)$|Ctx\(\)$|fiber/ }],
      },
    ],
    ruby: [
      {
        call: 'File.read File.open File.new File.write File.readlines File.binread File.binwrite File.foreach File.delete File.unlink File.rename File.symlink File.chmod File.truncate File.copy_stream IO.read IO.readlines IO.binread IO.write IO.foreach Dir.entries Dir.children Dir.glob Dir.foreach Dir.each_child FileUtils.rm FileUtils.rm_rf FileUtils.rm_r FileUtils.cp FileUtils.mv FileUtils.cp_r FileUtils.remove FileUtils.remove_entry FileUtils.copy FileUtils.move FileUtils.install open send_file Pathname.new().read IO.binwrite IO.write IO.copy_stream CSV.read CSV.foreach render_file Rack.File.new IO.sysopen Pathname().read File.rm File.touch File.mkfifo File.utime File.chown File.readlink File.lchmod File.link FileUtils.touch FileUtils.mkdir FileUtils.mkdir_p FileUtils.rm_f FileUtils.rmtree FileUtils.rmdir FileUtils.remove_dir FileUtils.remove_entry_secure FileUtils.chmod FileUtils.chmod_R FileUtils.ln_s FileUtils.ln FileUtils.copy_file FileUtils.copy_entry FileUtils.cd Dir.mkdir Dir.rmdir Dir.delete Dir.unlink Dir.each_entry Dir.open Dir.new Dir.chdir Find.find CSV.open CSV.table JSON.load_file MiniMagick.Image.open Rack.Files.new IO.copy_stream ',
        take: 'path',
        args: [0],
      },
      {
        call: 'FileUtils.cp FileUtils.mv FileUtils.cp_r File.rename FileUtils.copy FileUtils.move File.symlink File.link FileUtils.install FileUtils.ln_s IO.copy_stream FileUtils.ln FileUtils.copy_file FileUtils.copy_entry',
        take: 'path',
        args: [1],
      },
      {
        call: '*.read *.binread *.write *.binwrite *.delete *.readlines *.each_line *.unlink *.open *.rmtree *.children *.entries *.mkpath *.glob *.rename',
        take: 'path',
        args: ['receiver'],
        where: [{ on: /Pathname|Rails\.root|\.join\(\)$|cleanpath|expand_path/ }],
      },
      { call: '*.binwrite *.binread *.mkpath', take: 'path', args: ['receiver'] },
      { call: '*.write', take: 'path', args: ['receiver'], where: [{ on: /^\?$/ }, { arg: 'receiver', is: 'built' }] },
      { call: '*.send_file', take: 'path' },
      { call: 'render', take: 'path', args: ['file', 'template'] },
    ],
    java: [
      {
        call: 'FileInputStream FileOutputStream FileReader FileWriter RandomAccessFile PrintWriter FileSystemResource UrlResource PathResource Files.readAllBytes Files.readString Files.readAllLines Files.lines Files.newInputStream Files.newOutputStream Files.newBufferedReader Files.newBufferedWriter Files.write Files.writeString Files.copy Files.move Files.delete Files.deleteIfExists Files.list Files.walk Files.newByteChannel Files.createFile FileUtils.readFileToString FileUtils.openInputStream FileUtils.deleteDirectory FileUtils.writeStringToFile FileUtils.copyFile FileUtils.forceDelete FileUtils.readLines Scanner Files.readAttributes Files.size Files.createDirectory Files.createDirectories Files.newDirectoryStream Files.walkFileTree Files.find Files.setPosixFilePermissions FileChannel.open AsynchronousFileChannel.open FileUtils.write FileUtils.writeByteArrayToFile FileUtils.readFileToByteArray FileUtils.copyInputStreamToFile FileUtils.copyURLToFile FileUtils.moveFile FileUtils.lineIterator FileUtils.deleteQuietly ImageIO.write ImageIO.read FileCopyUtils.copyToByteArray FileSystemUtils.deleteRecursively Resources.toString MoreFiles.asByteSource Paths.get().toFile',
        take: 'path',
        args: [0],
      },
      { call: 'File', take: 'path', args: [0, 1] },
      { call: 'Files.copy Files.move FileUtils.copyFile', take: 'path', args: [1] },
      {
        call: '*.delete *.createNewFile *.mkdirs *.mkdir *.listFiles *.renameTo *.deleteOnExit',
        take: 'path',
        args: ['receiver'],
        where: [{ on: /File\(\)$/ }],
      },
      {
        call: '*.getResourceAsStream *.getResource *.transferTo *.sendFile',
        take: 'path',
        where: [{ arg: 0, is: 'dynamic' }],
      },
    ],
    bash: [
      {
        call: 'cat head tail less more rm cp mv ln tee tac nl chmod chown dd install shred truncate unlink base64 xxd od strings rsync source . < > >> zcat gunzip gzip touch rmdir mkfifo split sponge scp md5sum sha256sum bzcat xzcat bunzip2 bzip2 xz unxz stat vi nano ed wc sort uniq cut head',
        take: 'path',
        args: ['path'],
      },
      { call: 'tar unzip zip mkdir cd find 7z cpio pushd', take: 'below', args: ['path', 'all'] },
    ],
  },
  examples: {
    javascript: {
      bad: [
        'import { readFile as r } from "node:fs/promises"\nexport const doc = (id) => r("docs/" + id)',
        'app.get("/f", (req, res) => res.sendFile(__dirname + "/" + req.query.n))',
        'const fs = require("fs"), path = require("path")\nexports.f = (root, name) => fs.createReadStream(path.join(root, name))',
      ],
      good: [
        'import fs from "fs"\nfs.readFileSync("./a.json")',
        'import fs from "fs"\nimport path from "path"\nexport const f = (n) => fs.readFileSync(path.join("docs", path.basename(n)))',
        'import fs from "fs"\nimport path from "path"\nexport function f(root, n) {\n  const p = path.resolve(root, n)\n  if (!p.startsWith(root + path.sep)) throw new Error("outside")\n  return fs.readFileSync(p)\n}',
        'import fs from "fs"\nconst DOCS = { a: "a.md", b: "b.md" }\nexport const f = (n) => fs.readFileSync(DOCS[n])',
      ],
    },
    python: {
      bad: [
        'import os\ndef f(name):\n    return open(os.path.join("/srv", name)).read()',
        'from pathlib import Path\ndef f(n):\n    return (Path("/srv") / n).read_text()',
      ],
      good: [
        'import os\ndef f(name):\n    return open(os.path.join("/srv", os.path.basename(name))).read()',
        'from pathlib import Path\nBASE = Path("/srv").resolve()\ndef f(n):\n    p = (BASE / n).resolve()\n    if not p.is_relative_to(BASE):\n        raise ValueError(n)\n    return p.read_text()',
        'open("a.txt").read()',
      ],
    },
    go: {
      bad: [
        'package p\nimport ("net/http"; "os"; "path/filepath")\nfunc f(w http.ResponseWriter, r *http.Request) { os.ReadFile(filepath.Join("/srv", r.FormValue("n"))) }',
      ],
      good: [
        'package p\nimport ("os"; "path/filepath")\nfunc F(n string) { os.ReadFile(filepath.Join("/srv", filepath.Base(n))) }',
        'package p\nimport ("os"; "path/filepath"; "errors")\nfunc F(n string) error {\n if !filepath.IsLocal(n) { return errors.New("no") }\n _, err := os.ReadFile(filepath.Join("/srv", n))\n return err\n}',
      ],
    },
    ruby: {
      bad: ['File.read("docs/#{params[:n]}")', 'send_file(Rails.root.join("f", params[:n]))'],
      good: ['File.read(File.join("docs", File.basename(params[:n])))'],
    },
    java: {
      bad: ['class A { void f(String n) throws Exception { new FileInputStream("/srv/" + n); } }'],
      good: [
        'class A { void f(String n) throws Exception { Path b = Paths.get("/srv"); Path p = b.resolve(n).normalize(); if (!p.startsWith(b)) throw new Exception(); Files.readString(p); } }',
      ],
    },
    bash: { bad: ['cat "docs/$1"'], good: ['cat "docs/$(basename -- "$1")"', 'cat docs/a.txt'] },
  },
}

/** An archive says where its members go. */
export const ARCHIVE: Rule = {
  id: 'code.path_traversal.archive',
  severity: 'high',
  cwe: 22,
  title: 'Members of an archive are written where their names say',
  fix: 'Check each name against the target directory before writing (`filter="data"` of tarfile, resolve + containment).',
  sinks: {
    javascript: [
      {
        call: 'adm-zip().extractAllTo adm-zip().extractAllToAsync adm-zip().extractEntryTo unzipper.Extract decompress unzip.Extract',
      },
      { call: '*.extractAllTo *.extractAllToAsync *.extractEntryTo' },
    ],
    python: [
      {
        call: '*.extractall',
        unless: [
          { arg: 'filter', like: /^(?:data|tar)$|_filter/ },
          { arg: 'members', is: 'given' },
        ],
        where: [{ on: /tar|^tf|^t$|TarFile|\?|^a|arc/i }],
      },
      {
        call: '*.extractall',
        unless: [{ arg: 'filter', like: /^(?:data|tar)$|_filter/ }],
        where: [{ arg: 'members', like: /(?:getmembers|getnames|infolist|namelist)\(\)$/ }],
      },
      {
        call: '*.extract',
        take: 'path',
        where: [{ on: /tar|^tf?$/i }],
        unless: [{ arg: 'filter', like: /^(?:data|tar)$|_filter/ }],
      },
      {
        call: 'shutil.unpack_archive',
        unless: [
          { arg: 'filter', is: 'given' },
          { arg: 0, is: 'constant' },
        ],
      },
    ],
    ruby: [{ call: '*.extract', take: 'path', where: [{ on: /entry|zip|^e$|^f$|it$/i }] }],
    go: [{ call: 'archiver.Unarchive archiver.Extract github.com/mholt/archiver.Unarchive' }],
  },
  examples: {
    python: {
      bad: ['import tarfile\ntarfile.open(p).extractall(d)'],
      good: ['import tarfile\ntarfile.open(p).extractall(d, filter="data")'],
    },
    javascript: { bad: ['const Zip = require("adm-zip")\nnew Zip(f).extractAllTo("out")'], good: [] },
  },
}
