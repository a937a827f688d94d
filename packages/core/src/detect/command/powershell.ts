import type { Effect } from './effects.ts'
import { NOTHING } from './flow.ts'
import { urlsIn } from './hosts.ts'
import { report, useRead, type Scene } from './scene.ts'
import { literalValue } from './words.ts'

interface PowershellSign {
  readonly id: string
  readonly pattern: RegExp
  readonly effect: Effect
  readonly positive: readonly string[]
  readonly negative: readonly string[]
}

/** Words of PowerShell and cmd that matter; matched without regard to case and after carets and backticks are taken out. */
export const POWERSHELL_SIGNS: readonly PowershellSign[] = [
  {
    id: 'invoke',
    pattern:
      /\b(?:iex|invoke-expression|invoke-command|icm|add-type|invoke-wmimethod|invoke-cimmethod|start-job|\[scriptblock\]|invokescript|invoke-dscresource)\b|(?:^|[\s;|({])&\s*[($'"]|(?:^|[\s;|({])\.\s*\(|\.invoke\s*\(|\[(?:system\.)?reflection\.assembly\]|frombase64string|-join\s*\(|\[char(?:\[\])?\]|\[convert\]::/i,
    effect: 'exec.code',
    positive: [
      'IEX (x)',
      '& ("i"+"ex") x',
      '[Reflection.Assembly]::Load(x)',
      '[Convert]::FromBase64String(x)',
      'Invoke-Expression $x',
    ],
    negative: ['Get-ChildItem', 'Write-Host "index"', 'npm test'],
  },
  {
    id: 'encoded',
    pattern: /\s-e(?:n?c?|nc\w*)\s+[A-Za-z0-9+/=]{8,}|-encodedcommand\b/i,
    effect: 'exec.encoded',
    positive: ['powershell -enc SQBFAFgA', 'pwsh -EncodedCommand AAAA', 'powershell -e SQBFAFgA'],
    negative: ['Get-Content -Encoding utf8', 'powershell -File x.ps1'],
  },
  {
    id: 'download-and-run',
    pattern:
      /\b(?:downloadstring|downloaddata|downloadfile|net\.webclient|bitstransfer|start-bitstransfer|bitsadmin|certutil\b.{0,300}-(?:urlcache|decode)|httpclient|mshta|regsvr32|rundll32|installutil|msxml2|winhttp)\b/i,
    effect: 'exec.remote-code',
    positive: ['(New-Object Net.WebClient).DownloadString("x")', 'certutil -urlcache -f http://x y', 'mshta http://x'],
    negative: ['Invoke-WebRequest http://localhost', 'Get-Item x'],
  },
  {
    id: 'web-piped',
    pattern:
      /\b(?:iwr|irm|invoke-webrequest|invoke-restmethod|curl|wget)\b.{0,300}\|\s*(?:iex|invoke-expression|powershell|pwsh|cmd|sh|bash)\b/i,
    effect: 'exec.remote-code',
    positive: ['irm http://x | iex', 'iwr x | Invoke-Expression'],
    negative: ['irm http://x | ConvertTo-Json'],
  },
  {
    id: 'upload',
    pattern:
      /\b(?:iwr|irm|invoke-webrequest|invoke-restmethod|curl)\b.{0,300}-(?:method\s+['"]?(?:post|put)|body|infile|form)\b|\b(?:uploadfile|uploadstring|uploaddata|send-mailmessage)\b/i,
    effect: 'network.upload',
    positive: ['Invoke-WebRequest -Method POST -Body $x http://y', '(New-Object Net.WebClient).UploadFile("x","y")'],
    negative: ['Invoke-WebRequest http://x -OutFile y'],
  },
  {
    id: 'socket',
    pattern: /\bnet\.sockets\b|\btcpclient\b|\budpclient\b|\btcplistener\b|\bgetstream\s*\(/i,
    effect: 'network.reverse-shell',
    positive: ['New-Object Net.Sockets.TCPClient("x",1)', '$c.GetStream()'],
    negative: ['Test-Path x'],
  },
  {
    id: 'delete',
    pattern:
      /\b(?:remove-item|ri|rm|del|erase|rd|rmdir)\b(?=.{0,300}(?:-r(?:ecurse)?\b|\/s\b))(?=.{0,300}(?:[a-z]:[\\/]|\$home|\$env:(?:userprofile|systemroot|windir|appdata|homepath)|~|\\\\|\.\.[\\/]|\s[\\/](?![sqf]\b)|%\w+%))/i,
    effect: 'delete.outside',
    positive: ['Remove-Item -Recurse -Force C:\\Users\\x', 'rd /s /q C:\\', 'rm -r $HOME', 'del /s %USERPROFILE%'],
    negative: ['Remove-Item -Recurse -Force dist', 'rd /s /q node_modules', 'del x.txt'],
  },
  {
    id: 'disk',
    pattern:
      /\b(?:format-volume|clear-disk|initialize-disk|remove-partition|diskpart|cipher\s+\/w|vssadmin\s+delete|wbadmin\s+delete|remove-computer)\b|\bformat\s+[a-z]:/i,
    effect: 'disk.overwrite',
    positive: ['Format-Volume -DriveLetter C', 'format c:', 'vssadmin delete shadows /all'],
    negative: ['Format-Table', 'format code'],
  },
  {
    id: 'environment',
    pattern: /\b(?:gci|get-childitem|dir|ls)\s+env:|\[environment\]::getenvironmentvariables|^\s*set\s*$/i,
    effect: 'read.environment',
    positive: ['Get-ChildItem Env:', 'dir env:', '[Environment]::GetEnvironmentVariables()'],
    negative: ['$env:PATH', 'dir src'],
  },
  {
    id: 'credentials',
    pattern:
      /\b(?:get-credential|convertfrom-securestring|vaultcmd|cmdkey|mimikatz|sekurlsa|lsass|ntds|get-storedcredential|dpapi|protecteddata|reg\s+save|credentialmanager|unattend\.xml|web\s*credentials|procdump)\b|\\sam\b|\\\.ssh\\|\\\.aws\\/i,
    effect: 'read.keychain',
    positive: ['cmdkey /list', 'reg save HKLM\\SAM x', 'type $HOME\\.ssh\\id_rsa'],
    negative: ['Get-Content package.json'],
  },
  {
    id: 'persistence',
    pattern:
      /\b(?:schtasks|register-scheduledtask|new-scheduledtask\w*|new-service|sc(?:\.exe)?\s+create|set-itemproperty|new-itemproperty|reg\s+add|currentversion\\run|startup|new-localuser|add-localgroupmember|net\s+user|net\s+localgroup|register-wmievent|__eventfilter|wmic)\b|\$profile\b/i,
    effect: 'persist.startup',
    positive: ['schtasks /create /tn x', 'Add-Content $PROFILE x', 'net user x y /add', 'reg add HKCU\\Software'],
    negative: ['Get-ScheduledTaskInfo', 'Start-Sleep 1'],
  },
  {
    id: 'protection',
    pattern:
      /\b(?:set-mppreference|add-mppreference|disable-windowsoptionalfeature|set-executionpolicy|netsh\s+(?:advfirewall|firewall)|amsiutils|amsiinitfailed|amsi\w*|clear-eventlog|wevtutil\s+cl|stop-service|sc\s+(?:stop|delete|config)|uninstall-windowsfeature|bcdedit|clear-history|remove-eventlog|set-psreadlineoption|psreadline)\b/i,
    effect: 'evade.protection',
    positive: ['Set-MpPreference -DisableRealtimeMonitoring $true', 'wevtutil cl Security', 'Clear-History'],
    negative: ['Get-MpComputerStatus'],
  },
  {
    id: 'hidden-window',
    pattern: /-w(?:in\w*)?\s+(?:hidden|1)\b|-windowstyle\s+hidden|createnowindow/i,
    effect: 'exec.hidden',
    positive: ['powershell -w hidden x', 'Start-Process x -WindowStyle Hidden'],
    negative: ['-Width 80'],
  },
  {
    id: 'elevation',
    pattern: /-verb\s+runas|\brunas\b|fodhelper|eventvwr|\btakeown\b|\bicacls\b.{0,300}(?:everyone|grant)/i,
    effect: 'privilege.raise',
    positive: ['Start-Process x -Verb RunAs', 'takeown /f x'],
    negative: ['Get-Verb'],
  },
]

/** Light lexical judgement of PowerShell or cmd text. */
export function judgePowershell(code: string, scene: Scene): void {
  const text = code.replace(/[`^](?=\w)/g, '').replace(/(['"])\s*\+\s*\1/g, '')
  for (const { pattern, effect } of POWERSHELL_SIGNS) {
    const match = pattern.exec(text)
    if (match !== null) report(scene, effect, match[0])
  }
  if (text !== code && /[`^]\w/.test(code.replace(/`[nrt0abfv]/g, ''))) report(scene, 'exec.hidden', code)
  for (const { url, host } of urlsIn(text)) {
    scene.facts.url(url)
    scene.facts.host(host)
  }
  for (const [path] of text
    .replace(/\\/g, '/')
    .matchAll(/(?:~|\$home|\$env:userprofile|(?<![\w.:-])[\w.:-]{0,80})\/[\w./-]+|\.env\b/gi)) {
    useRead(scene, literalValue(path.replace(/^\$(?:home|env:userprofile)/i, '~')))
  }
  for (const [, , line = ''] of text.matchAll(/\b(bash|sh|wsl)\s+-c\s+["']([^"']{1,2000})["']/g)) {
    const parsed = scene.parse(line)
    if ('script' in parsed) scene.runScript(parsed.script, scene, NOTHING)
  }
}
