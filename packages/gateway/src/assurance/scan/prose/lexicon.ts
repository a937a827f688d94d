import { act, deed, shape, thing, type Concept } from './concept.ts'
import { CONDUCT } from './conduct.ts'
import { FORMS } from './forms.ts'
import { LANGUAGES } from './languages.ts'
import { MOTIVES } from './motives.ts'
import { SECRET_PATH, STARTUP_PATH } from './paths.ts'
import { TAKEOVER } from './takeover.ts'

/** Acts: what a reader of the text is told to do. */
const ACTS: readonly Concept[] = [
  act(
    'read',
    `read | reads | reading | open | opens | load | loads | cat | get | gets | getting | fetch* | collect* | gather* | harvest* | grab* | extract* |
     look up | look through | copy | copies | copying | include | includes | including | append | appends | attach | attaches | paste | quote |
     dump* | scan | scans | list | find | locate | search | capture* | record | records | retrieve* | access | accesses | obtain* | take | takes |
     pull | pulls | read out | walk through | enumerate* | parse | query | view | examine | check | pass | passes | supply | provide | put | zip | archive | compress | tar |
     exfiltrate* | steal* | siphon* | snapshot | mirror | export | save`,
  ),
  act(
    'send',
    `send | sends | sending | sent | give | gives | hand | hands | post | posts | posting | upload | uploads | uploading | uploaded | forward | forwards | forwarding |
     transmit* | submit* | share | shares | sharing | publish* | push | pushes | sync | syncs | report back | reports back | report it | deliver* | email(?! address*) | e-mail(?! address*) | mail | bcc |
     cc | beacon* | ping | pings | relay | relays | stream | streams | exfiltrate* | transfer | transfers | hand over | copy to | move to | call home | phone home |
     back up to | backs up to | back up | mirror to | leak | leaks | exfil | dispatch | route | routes | redirect | redirects | reroute* | curl | wget | ship | ships | feed | feeds | pipe to | write to`,
  ),
  act(
    'run',
    `run | runs | running | execute | executes | executing | exec | eval | evaluate | launch | launches | start | starts | invoke | invokes |
     carry out | carries out | carry * out | carry * * out | carries * out | follow | follows | following | perform | performs | apply | obey | obeys | comply with | source | double-click | double click | do what |
     do whatever | act on | acts on | import | interpret`,
  ),
  act(
    'install',
    'install | installs | installing | download | downloads | downloading | fetch | pull | get | npm i | npm install | pip install | brew install | npx | uvx',
  ),
  act(
    'write',
    `write | writes  | add | adds  | append | appends | appending | insert | inserts | inserting | put | puts | place  | save | saves |
     store  | create | creates  | edit   | modify | modifies | update   | change  | changing | replace |
     replaces | overwrite | overwrites | register | registers | inject | injects | prepend | prepends | set  | patch | patches | drop | copy | copies | rewrite |
     rewrites | symlink | link | install  | configure | enable | schedule | schedules | mark  | remember | record`,
  ),
  act(
    'destroy',
    'delete | deletes | deleting | remove | removes | erase | erases | wipe | wipes | purge | purges | destroy | destroys | shred | rm -rf | encrypt all | encrypt every | format the',
  ),
  act(
    'disable',
    `disable | disables | turn off | turns off | switch off | skip | bypass | suppress | circumvent | evade | get around | deactivate | weaken | override |
     overrides | mute | silence | ignore | disregard | sidestep | kill | uninstall | shut down`,
  ),
  act(
    'reveal',
    'echo | print | prints | repeat | repeats | reveal | reveals | show | shows | quote | quotes | display | output | outputs | paste | include | tell | disclose | state | recite | return | type',
  ),
  deed(
    'ask-for',
    /(?<![\w-])(?:(?:ask|prompt|have|get|make|let|tell|instruct|request|require|urge) (?:the |a |each |every )?(?:users?|customers?|them|visitors?|clients?|persons?|people|owner|human) (?:to |for |about )?|(?:request|demand|obtain|get|collect) (?=(?:the |their |an? )?(?:\w+ ){0,3}(?:from|of) (?:the )?(?:user|customer|person|victim))|(?:ask|prompt|(?<=\b(?:agent|assistant|skill|bot) )(?:asks|prompts)) (?:once |again |politely )?for )(?![\w])?/g,
  ),
  act(
    'trust',
    'trust | trusts | trusted | allowlist | whitelist | allow list | white list | grant | grants | elevate | promote | authori[sz]e | approve | add | register | mark | enrol | enroll | accept',
  ),
  act(
    'replace',
    'replace | replaces | replacing | swap | swaps | substitute | substitutes | change | changes | rewrite | rewrites | alter | modify | redirect | redirects | override',
  ),
  act(
    'spread',
    'copy | copies | install | add | write | replicate | replicates | propagate | propagates | spread | spreads | clone | clones | embed | distribute | append | appends | insert | put | paste | include | place | pass on',
  ),
  act(
    'recommend',
    'recommend | recommends | promote | promotes | prefer | suggest | advertise | rank | mention | favour | favor | endorse | choose | pick',
  ),
  act(
    'pay',
    'pay | pays | buy | buys | purchase | transfer | transfers | send | withdraw | sign | swap | bridge | approve | donate | order | book | invest | tip',
  ),
]

/** What the acts are done to, and where. */
const THINGS: readonly Concept[] = [
  shape(
    'secret',
    new RegExp(
      `(?<![\\w-])(?:(?:api|access|secret|private|signing|encryption|ssh|gpg|pgp|license|deploy|master|bot)[ _-]?keys?|(?:[a-z_]{0,30}(?:api_?key|secret|token|password|passwd|credential)s?)|tokens?|passphrases?|passwords?|passcodes?|credentials?|secrets?|seed[ -]?phrases?|mnemonics?|(?:recovery|backup)[ -](?:phrases?|keys?|codes?|words)|(?:secret|12|24)[ -](?:word|recovery)[ -]?(?:phrases?|seeds?)|(?:session|auth|login|browser|saved|stored|all) cookies?|cookies? (?:file|jar|database|db|store)s?|auth(?:entication|orization)? (?:headers?|data|state)|authorization headers?|env(?:ironment)? (?:variables?|vars?|files?|secrets?|dump)|(?:the )?(?:output|result)s? of [\\x60"']?(?:env|printenv|set|export)\\b[\\x60"']?|(?:the )?values? of [\\x60"']?[a-z]{2,20}(?:_[a-z]{2,20})+|cookies of (?:the|a|every|all) (?:\\w+ )?(?:browser|profile|session|sites?)|browser'?s? cookies|gh auth token|gcloud auth print-(?:access|identity)-token|az account get-access-token|aws configure get|op (?:read|item get)|pass show|security find-\\w+-password|vault kv get|kubectl get secrets?|dotenv|keychain|keyring|password (?:manager|store|vault)|service account|one-time (?:codes?|passwords?)|otp(?: codes?)?|2fa codes?|mfa codes?|verification codes?|credit cards?|card (?:numbers?|details)|(?:twelve|twenty-four) words|cvv|cvc|social security numbers?|ssn|bank (?:details|accounts?)|iban|kubeconfig|private keys?|keystores?|aws_\\w*|logins?(?= (?:data|database|details|from|stored))|saved logins?|\\$[a-z_]{0,30}(?:key|token|secret|password))(?![\\w])(?! (?:fields?|inputs?|boxes) (?:is|are|stay|remain) (?:\\w+ )?(?:refused|blacked|masked|redacted|hidden|skipped|ignored|blank|never|not|covered|blurred|empty))|${SECRET_PATH.source}`,
      'g',
    ),
  ),
  shape('secret-file', new RegExp(SECRET_PATH.source, 'g')),
  shape(
    'hard-secret',
    /(?<![\w-])(?:(?:twelve|twenty-four) words|passwords?|passphrases?|seed[ -]?phrases?|mnemonics?|recovery (?:phrases?|words|keys?)|(?:12|24)[ -]word (?:phrases?|seeds?|backup)|private keys?|otp(?: codes?)?|one-time (?:codes?|passwords?)|2fa codes?|mfa codes?|verification codes?|(?:the )?(?:code|number|tan)s? (?:that |which )?(?:they|the user|he|she) (?:have |has |just |had )*(?:got|received|gets?|receives?)|codes? (?:from|by|in) (?:the |an? )?(?:sms|text message|authenticator)\w*|card numbers?|card details|cvv|cvc|pin(?: code)?|social security numbers?|ssn|bank (?:details|login)|online banking|sudo password|login password|master password|keystore)(?![\w])/g,
  ),
  shape(
    'intimate',
    /(?<![\w-])(?:conversations?|chat (?:history|logs?|messages?)|transcripts?|message history|context window|system (?:prompt|message)|(?:the |their |user'?s? |own )+(?:personal |private |newest |latest |recent |last )*(?:e-?mails?|mails?|inbox|mailbox|contacts?|calendar|photos?|messages?|prompts?|notes?(?: folder)?|memor(?:y|ies)|clipboard|screen|home (?:folder|directory)|documents folder|browser\w*|location|history)|clipboard|screenshots?|key ?strokes?|brows(?:er|ing) (?:history|profile|data)|shell history|home (?:directory|folder)|(?:documents|desktop|pictures|downloads) folder|memory files?|git (?:log|history|config)|(?:what|everything) (?:the )?user (?:\w+ )?(?:says?|said|typed?|types|wrote|writes|asked|asks)|(?:other|all) tools and their (?:\w+ )?(?:results?|outputs?)|(?:other|previous|earlier) tools?'? (?:\w+ )?(?:results?|outputs?|responses?)|what (?:other|the other|another|earlier) tools? (?:\w+ )?return\w*)(?![\w])/g,
  ),
  shape(
    'private',
    /(?<![\w-])(?:(?:the |this |our |full |entire |whole |recent |previous |prior |user |complete |all )*(?:conversations?|chat (?:history|log|messages?)|chats?|transcripts?|message history|dialogue|context window|prompt history|system prompt|system message|session (?:history|log|state|files?))|(?!the (?:files?|documents?|messages?|results?|inputs?|outputs?|data|notes?|code|requests?|queries|responses?|prompts?|project|directory|folder|e-?mails?|mails?)(?![\w]))(?:user'?s? |users' |all |every |each |any |their |your |the |whole |entire |local |private |personal )+(?:files?|documents?|emails?|e-mails?|mails?|inbox|mailbox|contacts?|calendar|photos?|messages?|prompts?|responses?|results?|inputs?|outputs?|data|notes?|code|sources?|source code|workspace|repositor(?:y|ies)|repo|project|directory|folder|home|memor(?:y|ies)|history|clipboard|screen|tool (?:calls?|results?|outputs?)|queries|requests?)|clipboard|screenshots?|key ?strokes?|browser (?:history|profile|data)|browsing history|shell history|command history|home (?:directory|folder)|(?:documents|desktop|pictures|downloads) folder|working directory|workspace|project (?:files|tree|source)|file contents?|contents? of (?:the|each|every|all|any)? ?(?:file|files|folder|directory|repo\w*|workspace|project)|memory files?|everything (?:with|that|about|containing|from)|all (?:incoming |new |outgoing )?(?:mail|mails|e-?mails?|messages)|cop(?:y|ies) of (?:each|every|all|any|the)(?: \w+){1,2}|files? the user \w+|(?:all|every|each|their|the user'?s?|these|those) (?:\w+ ){0,2}(?:entries|entry|records?|names?|numbers?|addresses|contacts?|events?|rows?|transactions?|invoices?|answers?|searches|locations?|appointments?|bookmarks?|passes|orders?|pages?|comments?|tickets?|chats?|meetings?|attachments?|documents?|words|lines|keystrokes|drafts?)|what the user (?:says|types|writes|opens|asks)|everything the user \w+|(?:every|each|all) (?:branch(?:es)?|tags?|commits?|summar(?:y|ies)|recordings?|attachments?|invoices?|desktop|screen)|source code|git (?:diff|log|history|config)|diff|hostname|username|public ip|user data|personal data|customer data|pii|medical records?|source files?)(?![\w])/g,
  ),
  shape(
    'outside',
    /(?:rsync|ftps?|sftp|smb|webdav|davs?):\/\/[^\s"'`<>)\]]{3,200}|https?:\/\/(?!(?:localhost|127\.|0\.0\.0\.0|\[::1\]))[^\s"'`<>)\]]{3,200}|(?<![\w.])[\w.+-]{1,40}@[\w-]{1,40}\.[\w.-]{2,40}|(?<![\w-])(?:(?:(?:our|an?|the|my|this|external|remote|third[- ]party|analytics|telemetry|collection|logging|monitoring|update|support|central|cloud|command|partner|vendor'?s?)[ -]){1,3}(?:server|servers|endpoint|endpoints|api|host|backend|service|collector|webhook|dashboard|database|address|site|url|bucket)|webhooks?|public (?:gist|repo\w*|bucket|channel|paste|link|url|issue|folder|site|website|page|blog|board|forum|wiki|pastebin)|gists?|(?<![./@\w-])(?:[a-z0-9-]{1,40}\.){1,4}(?:com|net|org|io|dev|app|ai|co|xyz|top|info|biz|site|online|cloud|me|sh|to|cc|ru|cn|example|test|invalid|onion|live|pro|click|link|tk|ws|su|pw)(?=[\s/:,;)"'`]|\.(?:\s|$)|$)|paste ?bins?|telegram(?: bot| chat| channel)?|discord(?: webhook| server| channel)?|third part(?:y|ies)|attackers?'?s?|ngrok|requestbin|\+\d{9,15}|\b(?:\d{1,3}\.){3}\d{1,3}(?::\d+)?|dns (?:query|queries|lookup|request|label)s?|subdomains?)(?![\w])/g,
  ),
  shape(
    'url',
    /https?:\/\/(?!(?:localhost|127\.|0\.0\.0\.0|\[::1\]|(?:[\w-]+\.){0,3}(?:nodejs\.org|npmjs\.com|python\.org|pypi\.org|docker\.com|git-scm\.com|brew\.sh|rust-lang\.org|rustup\.rs|go\.dev|golang\.org|microsoft\.com|visualstudio\.com|apple\.com|mozilla\.org|w3\.org|ietf\.org|rfc-editor\.org|wikipedia\.org|ffmpeg\.org|imagemagick\.org|postgresql\.org|pandoc\.org|kubernetes\.io|astral\.sh|anthropic\.com|claude\.com|claude\.ai|openai\.com|modelcontextprotocol\.io|debian\.org|ubuntu\.com|oracle\.com|readthedocs\.io|keepachangelog\.com|semver\.org|json-schema\.org)\b))[^\s"'`<>)\]]{3,200}|(?<![\w-])(?:remote (?:file|server|url|config\w*|endpoint|host|prompt|instructions?)|pastebin|paste site|raw\.githubusercontent\S*|gist|the url|a url|this url)(?![\w])/g,
  ),
  shape('mail-or-phone', /(?<![\w.])[\w.+-]{1,40}@[\w-]{1,40}\.[\w.-]{2,40}|\+\d{9,15}/g),
  shape(
    'approval',
    /(?<![\w-])(?:confirm(?:ation|ing|ations)?|approvals?|permission(?:s| prompts?| checks?| requests?)?|consent|human (?:review|approval|oversight|in the loop)|reviews?|user (?:review|approval|consent)|prompts? for (?:approval|confirmation)|verification|sign-off|double[- ]check\w*|are you sure)(?![\w])/g,
  ),
  deed(
    'no-approval',
    /(?<![\w-])(?:without (?:the user'?s?|user|human) (?:explicit |prior )?permission|without (?:any |further |explicit |prior |first |ever |the user'?s? |user |additional |human )*(?:ask(?:ing)?|confirm(?:ation|ing)?|approvals?|consent|reviews?|prompt(?:ing|s)?|checking with|notice|question(?:s|ing)?|warning)|(?:do not|don't|never|no need to) (?:ask|prompt|confirm|check with)(?!(?: (?:the user|users?|people|customers?|them|anyone|for|to|their|his|her|a|an|the|any))* (?:pastes?|enter|type|give|share|provide|send|upload|reveal|post|log|sign|passwords?|tokens?|keys?|secrets?|credentials?|codes?|private|seed|card|personal|api))(?: (?:the user|for|to|them|anyone|first|any|user|human|about|with|explicit|again|before|it|every|until))*(?: (?:confirmation|approval|permission|consent|confirm|ok|review))?|(?:do not|don't|never|no need to) (?:wait|pause|stop|request|seek|require|bother)(?: (?:the user|for|to|them|anyone|first|any|user|human|about|with|explicit|again|before|it|every|until|get|ask|obtain))+ ?(?:confirmation|approval|permission|consent|confirm|ok|review|user|ask)|(?:skip|bypass|ignore|omit)(?:s|ping|ing)? (?:all |any |the |every |user |its |permission )*(?:confirmations?|approvals?|permission (?:prompts?|checks?|dialogs?)|prompts?|reviews?|verification)(?: (?:step|prompt|dialog)s?)?|(?:automatically|auto|always|silently)[- ](?:approve|accept|confirm|allow|grant|agree|answer yes|say yes|click)\w*|(?:so (?:that )?)?(?:the |no more |all )?(?:prompts?|questions?|confirmations?|dialogs?|popups?) (?:stop|disappear|go away|are gone|no longer appear|are skipped)|(?:there is |there's )?no need to (?:wait|ask|check)|(?:does|do)(?: not|n't) (?:have|need) to be (?:asked|told|involved|consulted)|(?:users?|they|people) (?:would |will )?always (?:say|says|agree|agrees|accept|click)s?(?: yes)?|do (?:it|this|so) right away|(?:must|should|need|shall) not be (?:asked|bothered|prompted|consulted)|no (?:further |more )?(?:confirmation|approval|permission|consent|prompt|review|question)s? (?:is |are )?(?:needed|required|necessary)|(?:confirmation|approval|permission|consent) (?:is |are )?(?:not (?:needed|required|necessary)|optional|unnecessary|already (?:given|granted))|(?:is|are|been|was|were|everything|all) pre-?(?:approved|authori[sz]ed)|already (?:approved|authori[sz]ed|consented|confirmed)|(?:has|have) (?:already )?(?:approved|agreed to|consented to|granted) (?:all|every|everything|any|this|these|full)|(?:answer|reply|respond|say|press|type|choose|select|click) (?:with )?["'`]?(?:yes|y|ok|allow|approve|always allow)["'`]? (?:for (?:all|every|any)|on every|to (?:all|every|any|each)|whenever|when|at (?:any|every|all))|approve (?:all|every|any|each|it(?:self)?|them|the) (?:tool calls?|requests?|prompts?|calls?|yourself|automatically|on (?:the user's|their|your) behalf))(?![\w])/g,
  ),
  deed(
    'secrecy',
    /(?<![\w-])(?:(?:do not|don't|never|must not|should not|without|avoid|no need to|refrain from)(?: ever)? (?:tell|telling|inform|informing|mention|mentioning|show|showing|reveal|revealing|disclose|disclosing|notify|notifying|alert|alerting|say|saying|report|reporting|display|displaying|explain|explaining|announce|announcing|log|logging|describe|discuss|acknowledge|let|surface|expose|bring up|refer|output|print|list|include)(?: [\w'-]{1,20},?){0,9}? (?:to )?(?:the user|users?|user|human|owner|operator|anyone|anybody|people|this|it|these|them|step|instructions?|in (?:your|the) (?:reply|answer|response|summary|output|log|logs|report))|(?:the |any |all )?(?:user|human|owner|operator|reviewer|people|they|admin|participant|recipient|sender|customer|author|colleague|team|client|visitor|anyone|nobody|no one|member)s? (?:(?:must|should|need|does|do|will|may|can|is|are)(?:n'?t| not| never| no(?:t)? need to)) ?(?:be )?(?:notice|know|see(?! (?:each|one) )|told|aware|informed|find out|learn|alerted|realise|realize|suspect)\b|(?:hidden|hide|hides|conceal\w*|invisible|keep (?:it|this|them)? ?(?:hidden|secret|confidential|private|quiet)|kept? (?:hidden|secret|from)|secret)(?: this| it| them)? from (?:the )?(?:user|human|owner|operator|log|logs|review\w*|everyone|audit)|(?:leave|keep) (?:it|this|that|them|these)(?: \w+){0,2} out of (?:the |your |any )?(?:\w+ )?(?:explanation|summar(?:y|ies)|answers?|reply|replies|reports?|diff|descriptions?|logs?|commit messages?|changelog|notes|list|output|response)|(?:omit|exclude|drop|strip) (?:it|this|that|them|these)(?: \w+){0,2} from (?:the |your |any )?(?:\w+ )?(?:explanation|summar(?:y|ies)|answers?|reply|replies|reports?|diff|descriptions?|logs?|commit messages?|changelog|notes|list|output|response)|(?:do not|don't|never) (?:list|count|include|name|put) (?:it|this|that|them|these) (?:in|among|on) (?:the |your |any )?\w+|(?:this |it |that )?(?:stays|remains|is) (?:strictly )?(?:between us|our (?:little )?secret|confidential between)|without (?:a |any |further |prior )?(?:notice|notification|a word|a trace|telling)|unbeknownst|(?:the )?users? (?:only )?sees? (?:only|just|nothing|no more than)|need not (?:be )?(?:know|informed|told|notified|aware)|keep (?:this|it|that|these)(?: \w+){0,2} (?:secret|hidden|to yourself|between us|quiet|invisible|out of)|(?:covertly|secretly|surreptitiously|stealthily|unnoticed|behind the scenes|under the radar|without (?:the user|anyone|anybody|them|him|her|their|the user's|user) (?:noticing|knowing|seeing|knowledge|awareness|realising|realizing)|without a trace|leave no trace|so (?:that )?(?:nobody|no one|the user (?:does not|doesn't|won't|cannot)|they (?:do not|don't|won't)) (?:notice|see|know|find|suspect)s?))(?! that (?!(?:you|it|this|they|these|we|anything|something|somebody|data|an? (?:copy|file|upload)|the (?:skill|file|copy|step|upload|data|call|request|message|key|token|tool))\b))(?! (?:which|who) )(?![\w])/g,
  ),
  thing(
    'quiet',
    'silently | quietly | in the background | invisibly | discreetly | automatically and silently | hidden | as hidden text | white text | html comment | invisible text',
  ),
  shape(
    'safety',
    /(?<![\w-])(?:(?:security|safety|permission|policy|content|input|output|access)[ -](?:checks?|controls?|warnings?|alerts?|scans?|scanners?|polic(?:y|ies)|filters?|rules?|guardrails?|software|features?|measures?|prompts?|hooks?|tools?|restrictions?|settings?|guidelines?|protocols?|gates?|validation|tests?)|guardrails?|(?:the |its |your )(?:guard|hooks?)|sallyport|sandbox(?:ing)?|firewalls?|antivirus|anti-virus|(?:windows |microsoft )?defender|gatekeeper|selinux|apparmor|edr|smartscreen|system integrity protection|sip|uac|quarantine|audit (?:log\w*|trail|hooks?)|tool[- ]call log\w*|policy engine|approval (?:prompts?|gates?|hooks?|mode|flow|step|process)|permission (?:prompts?|mode|system|dialogs?)|(?:tls|ssl|certificate) (?:verification|validation|checks?)|two-factor|second factor|2fa|mfa|branch protection|signature (?:verification|checks?)|code signing|integrity checks?|secret scann\w+|dlp)(?![\w])/g,
  ),
  shape(
    'security-tool',
    /(?<![\w-])(?:scanners?|gateways?|firewalls?|antivirus|guardrails?|content filters?|sandbox|policy engine|security (?:tool|check|software|system|layer|control|product|team)s?|moderation|dlp|edr|approval (?:gate|hook|prompt)s?|classifiers?|detectors?|defender|gatekeeper|permission (?:check|system|prompt)s?|(?:the )?(?:polic(?:y|ies)|egress rules?|allow ?list|proxy|administrator|restrictions))(?![\w])/g,
  ),
  shape(
    'refused',
    /(?<![\w-])(?:block(?:s|ed)?|den(?:y|ies|ied)|refus(?:e|es|ed)|reject(?:s|ed)?|stops?|flags?|flagged|complains?|intercepts?|warns?|objects)(?![\w])/g,
  ),
  deed(
    'evade',
    /(?<![\w-])(?:retry|try again|split(?:ting)?|encod(?:e|ed|ing)|base64|obfuscat\w+|rephras\w+|reword\w*|break (?:it|them|the \w+) (?:up|into)|in (?:pieces|parts|chunks|variables)|until it (?:passes|works|succeeds|goes through)|different (?:tool|name|command|wording|encoding)|alternative (?:tool|path|route)|another (?:tool|way|route)|use (?:curl|bash|the shell|a subshell|eval|python) instead|rename|disguis\w+|concatenat\w+|workarounds?|slip (?:past|through)|get (?:past|around)|outside (?:of )?(?:it|the sandbox|the container|the jail)|(?:through|via|over|by) (?:an? |another |the |its )?(?:proxy|vpn|ip(?: address)?|mirror|tunnel|relay)|its ip address)(?![\w])/g,
  ),
  deed(
    'authority',
    /(?<![\w-])(?:by order of|on behalf of the (?:administrator|security team|developers?)|compliance (?:notice|requirement|rule)|(?:anthropic|openai|google|microsoft|the (?:developers?|administrators?|admin|system|operators?|security team|vendor|creators?|platform|maintainers?|company|manufacturer|compliance team)|system administrators?|your (?:developers?|creators?|operators?|administrators?))(?: \w+){0,3} (?:authori[sz]e[sd]?|(?:has |have )?approved|requires? (?:that|you|the)|mandates?|instructs?|instructed|has granted|have granted|orders?|permits?|has confirmed|certifi\w+|demands?|directs?|wants you)|(?:same|full|higher|equal|highest|root|admin|system)[- ](?:level )?(?:authority|privileges?|trust|precedence)|(?:same|full|higher|equal|highest|system)[- ](?:level )?priority (?:as|than|over)|(?:take|takes|has|have|with|given|give) (?:precedence|priority)|supersedes?|overrides? (?:all|any|every|your|other|previous|the) (?:\w+ )?(?:instructions?|prompts?|rules|polic(?:y|ies)|guidelines|skills)|highest[- ]priority|authoritative (?:instructions?|source)|mandatory (?:system )?(?:instruction|policy|step|directive)s?|system (?:override|directive|notice|update|instruction)s?|developer mode|admin(?:istrator)? mode|maintenance mode|debug mode enabled|god mode)(?![\w])/g,
  ),
  shape(
    'rules',
    /(?<![\w-])(?:(?:previous|prior|earlier|above|system|user|other|all|any|your|safety|original|existing|its|the user'?s?) (?:\w+ ){0,2}(?:instructions?|prompts?|rules|guidelines?|directives?|system messages?|polic(?:y|ies)|wishes)|system prompt|(?<=(?:ignore|disregard|override|disobey|obey|overrule)s? )the user(?! id| input| agent| name)|other skills|safety guidelines|your training|content polic(?:y|ies)|ethical (?:guidelines|constraints))(?![\w])/g,
  ),
  shape(
    'untrusted-text',
    /(?<![\w-])(?:tool (?:outputs?|results?|responses?)|outputs? (?:of|from) (?:the |this |any )?tools?|issue (?:bodies|body|text|comments?)|comments?|web ?pages?|(?:page|web|file|email|e-mail|message|document|ticket|pull request) (?:content|contents|body|bodies|text|descriptions?)|(?:the |any |each |every )?(?:content|contents|body|bodies|response|responses|result|results|output|page|text|document|documents|reply|replies|answers?|returned (?:text|data|value))|readme files?|e-?mails?|mails?|posts?|tweets?|tickets?|incoming messages?|chat messages?|search results?|commit messages?|retrieved (?:text|documents?))(?![\w])/g,
  ),
  shape(
    'orders',
    /(?<![\w-])(?:instructions?|commands?|directives?|orders|tasks?|requests?|steps|follow-?up (?:calls|actions)|more calls|further calls|tool calls|prompts?)(?![\w])/g,
  ),
  shape(
    'startup',
    new RegExp(
      `${STARTUP_PATH.source}|(?<![\\w-])(?:crontab|cron ?jobs?|cron entr(?:y|ies)|launch ?(?:agents?|daemons?)|launchd|systemd (?:user )?(?:unit|service|timer)s?|login items?|autostart|start-?up (?:folder|items?|scripts?|programs?)|run key|scheduled tasks?|task scheduler|schtasks|git hooks?|(?:pre-commit|post-commit|post-merge|post-checkout|pre-push|pre-receive) hooks?|shell (?:profile|rc|startup) ?(?:files?)?|login shell|every (?:login|boot|reboot|shell|startup|session start)|at (?:login|boot|startup|log-in)|(?:session ?start|pretooluse|posttooluse|stop|userpromptsubmit|sessionstart)[ -]hooks?|background (?:service|daemon))(?![\\w])`,
      'g',
    ),
  ),
  shape(
    'agent-memory',
    /(?<![\w-])(?:soul\.md|identity\.md|memory\.md|heartbeat\.md|user\.md|bootstrap\.md|tools\.md|long-term memory|persistent memory|permanent memory|core memory|memory bank|(?<!\ba )persona file|\.openclaw\/\S*|memory\/\S*)(?![\w])/g,
  ),
  shape(
    'agent-config',
    /(?<![\w-])(?:\.?claude\.md|agents\.md|gemini\.md|\.cursorrules|\.windsurfrules|\.clinerules|copilot-instructions\.md|~?\/?\.claude\/\S*|\.claude\.json|claude_desktop_config\.json|~?\/?\.cursor\/\S*|~?\/?\.codex\/\S*|~?\/?\.gemini\/\S*|\.mcp\.json|mcp\.json|settings(?:\.local)?\.json|permissions\.allow|openclaw\.json|exec-approvals\.json|agent (?:settings|config\w*)|(?:global|user|project|permission) settings|allow ?list|permissions\.allow|trusted (?:tools|commands|hosts|folders))(?![\w])/g,
  ),
  shape(
    'skills',
    /(?<![\w-])(?:(?:other|another|all|every|each|any|installed|existing|neighbou?ring|sibling|competing|remaining|the user'?s?) (?:installed |other |of the |agent |existing |enabled )*(?:skills?|skill folders?)|skills (?:folder|directory|directories)|its skill\.md|their skill\.md|every skill\.md|~?\/?\.(?:claude|openclaw|codex|cursor|agents?)\/(?:skills|plugins|agents|commands)(?!\/(?:["'`]?<|\{|name\b|your-|my-|skill-name|example))\S*|folders? under \.\.\/|\.\.\/[\w*-]+\/skill\.md|\.\.\/\*)(?![\w])/g,
  ),
  shape(
    'itself',
    /(?<![\w-])(?:this skill|itself|yourself|these instructions|this (?:file|text|prompt|block|paragraph|instruction|section|message)|the skill|this plugin|the following (?:line|text|instruction|block)s?)(?![\w])/g,
  ),
  shape(
    'everywhere',
    /(?<![\w-])(?:(?:each|every|all) (?:\w+ )?(?:pages?|files?|documents?|readmes?|replies|commits?|messages?|mails?|answers?) (?:that )?(?:you|it|they)|(?:every|all|each|any|other|new|future) (?:\w+ ){0,2}(?:repositor(?:y|ies)|repos?|projects?|workspaces?|skills?|readmes?|contacts?|agents?|assistants?|models?|ais?|readers?|colleagues?|users?|machines?|hosts?|conversations?|sessions?|packages?|files? you (?:write|create|edit))|every (?:reply|answer|response|email|message|commit)|wherever you|whenever you (?:write|edit|create|open|touch)|(?:other|all|future) (?:assistants|agents|models|ais)|all future)(?![\w])/g,
  ),
  shape(
    'power',
    /(?<![\w-])(?:sudo|root (?:access|rights|shell|privileges|permissions)|as root|administrator (?:rights|privileges|access)|admin (?:rights|privileges|access)|elevated(?: (?:rights|privileges|mode|permissions|shell))?|full disk access|unrestricted(?: \w+)?|full (?:access|control|permissions|network access|filesystem access|shell access)|all (?:tools|permissions|privileges|scopes|access)|--dangerously-skip-permissions|dangerously-skip-permissions|skip-permissions|--yolo|yolo mode|bypasspermissions|bypass ?permissions(?: mode)?|accept ?edits|auto-?approve|autoapprove|--no-sandbox|--privileged|privileged (?:mode|container)|docker\.sock|--allow-all|--trust-all-tools|--full-auto|danger-full-access|nopasswd|setuid|chmod 777|chmod -r 777|cap_sys_admin|scope internal|internal scope|unsafe mode|--disable-web-security)(?![\w])/g,
  ),
  deed(
    'flag-power',
    /(?<![\w-])(?:--dangerously-[\w-]+|dangerously-skip-permissions|--yolo|yolo mode|bypasspermissions|--trust-all-tools|danger-full-access|--allow-all-tools|--full-auto|nopasswd)(?![\w])/g,
  ),
  shape(
    'peer',
    /(?<![\w-])(?:peers?|remote agents?|external agents?|mcp servers?|servers?|a2a|hosts?|endpoints?|bots?|accounts?|keys?|origins?|domains?|senders?|devices?|certificates?|root ca|ca certificate|contributors?|collaborators?)(?![\w])/g,
  ),
  shape(
    'as-trusted',
    /(?<![\w-])(?:as (?:an? )?(?:trusted|internal|admin|owner|verified|safe|approved|friend|maintainer|collaborator)|to (?:the |your )?(?:allow ?list|trusted (?:\w+)|white ?list|known_hosts|authorized_keys|admins?)|scope internal|trusted (?:peer|agent|server|host|sender)|full trust|with write access|with admin rights)(?![\w])/g,
  ),
  shape(
    'archive',
    /(?<![\w-])(?!(?:cmd|powershell|pwsh|node|python|git|bash|explorer)\.exe)[\w./-]{0,80}\.(?:zip|rar|7z|dmg|pkg|exe|msi|scr|bat|cmd|appimage|deb|rpm|iso|jar|tgz|tar\.gz|ps1|vbs|lnk|apk|command|scpt|run|bin)(?![\w])|(?<![\w-])(?:installer|setup file|disk image|native helper|helper app(?:lication)?|companion app|agent application)(?![\w])/g,
  ),
  deed(
    'unlock',
    /(?<![\w-])(?:(?:the |archive |zip |extract(?:ion)? |unzip )*(?:password|pass|pwd)(?: is)?\s?[:=]?\s?["'`]?[\w@!#-]{2,30}|password-protected|right-click (?:and|>|→)? ?(?:choose )?open|open anyway|xattr -[a-z]{0,3}c?r? ?\S*|disable (?:your )?(?:antivirus|defender|gatekeeper|smartscreen|real-time protection)|add an? (?:exclusion|exception)|allow (?:it|the app) (?:in|through)|keep anyway|run anyway|more info)(?![\w])/g,
  ),
  deed(
    'terminal',
    /(?<![\w-])(?:paste (?:this|the following|it|the command|that)?(?: \w+){0,4} (?:in|into|to) (?:the |your |a )?(?:terminal|powershell|command prompt|console|shell|run dialog|cmd)|(?:open|in|into) (?:the |your |a )?(?:terminal|powershell|command prompt|run dialog)|win\s?\+\s?r|windows key|copy and paste|copy-paste)(?![\w])/g,
  ),
  shape(
    'endless',
    /(?<![\w-])(?:indefinitely|forever|endlessly|infinite(?:ly)?(?: loop)?|never stop(?:ping)?|without (?:stopping|end|limit|a limit|pause)|unlimited (?:times|retries)|as (?:many|often) (?:times )?as possible|(?:\d[\d,.]{3,}|a thousand|a million|thousands of|millions of) (?:times|copies|requests|calls|messages|agents|subagents|sub-agents|iterations)|non-?stop|until (?:the )?(?:quota|budget|credits?|tokens?|disk|memory)[^.]{0,30}(?:exhausted|full|used up|gone|runs? out)|keep (?:calling|retrying|looping|spawning|sending))(?![\w])/g,
  ),
  shape(
    'suppressed',
    /\b(?:suppress\w*|dislikes?|unwanted|do(?:es)? not want|don't want|hidden|skipped|switched off|turned off|disabled|ignored)\b/g,
  ),
  shape(
    'touches',
    /\b(?:whenever|each time|every time|always when) (?:you|it|the agent)(?: \w+){1,4} [`"']?(?:an? |the )?(?:package\.json|requirements\.txt|pyproject\.toml|cargo\.toml|go\.mod|workflow|dockerfile)/g,
  ),
  shape('publish', /\b(?:publicly|in public|as a public|public (?:issue|gist|page|repository))\b/g),
  shape('written-into', /\b(?:written|saved|stored|copied) (?:in)?to ['"`]?[~./\w-]{2,60}/g),
  shape(
    'mishap',
    /\b(?:fix(?:e[sd])?|bugs?|could|might|would|may|caus(?:e[sd]?|ing)|issues?|regression|no longer|crash\w*)\b/g,
  ),
  shape(
    'again',
    /(?<![\w-])(?:retry|retries|call|calls|loop|repeat|spawn|spawns|invoke|send|generate|continue|resend|re-?run|start|try|ask|query|request|again and again|over and over|rewrite|evaluate|refine|improve)(?![\w])/g,
  ),
  shape(
    'wallet',
    /(?<![\w-])(?:wallet(?: address(?:es)?)?|(?:bitcoin|btc|eth|ethereum|solana|usdt|usdc|crypto(?:currency)?|monero|xmr|payment|deposit|recipient|receiving) (?:address(?:es)?|wallets?|transactions?|funds|coins)|iban|bank account|account number|payment (?:details|address|link)|payout|invoice|recipient|beneficiary|payee|routing number|deposit address)(?![\w])/g,
  ),
  shape(
    'money-amount',
    /(?<![\w-])(?:[$€£]\s?\d[\d.,]*|\d[\d.,]*\s?(?:eth|btc|sol|usd|usdt|usdc|eur|euros?|dollars?|xmr)|gift cards?|tokens? approval|unlimited allowance|funds|donation|processing fee|activation fee)(?![\w])/g,
  ),
  shape(
    'affiliate',
    /[?&](?:tag|ref|aff\w{0,12}|utm_\w{1,12}|partner|subid|campaign)=\S{1,60}|(?<![\w-])(?:affiliate|referral|sponsored|tracking|partner)(?: (?:links?|codes?|tags?|ids?|parameters?|products?))(?![\w])|(?<![\w-])affiliate(?![\w])/g,
  ),
  shape('links', /(?<![\w-])(?:links?|urls?|results?|products?|purchases?|recommendations?|store)(?![\w])/g),
  shape(
    'weakness',
    /(?<!\b(?:for|against|about|of|any|known|of an?|for the|for an?|for any|against the|find|detect|report|fix|test) )(?<![\w-])(?:back ?doors?|vulnerabilit(?:y|ies)|hidden (?:admin|account|endpoint|route|user|parameter|function)s?|debug (?:login|endpoint|account|bypass|password)s?|hard-?coded (?:admin |default |master )*(?:passwords?|credentials?|users?|keys?)|admin:admin|master password|bypass (?:token|parameter|header|password)|tracking pixel|weak (?:crypto\w*|hash\w*|encryption|random\w*)|off-by-one|subtle (?:bugs?|errors?|mistakes?)|sleeper|logic bomb|alg(?:orithm)? ["'`]?none|verify ?= ?false|no (?:authentication|input validation|encryption)|without (?:any )?(?:input )?(?:validation|encryption|authentication|signature checks?|escaping|sanitising|sanitizing)|plain ?text passwords?|weak (?:passwords?|keys?)|kill switch|sql injection|wrong (?:results?|numbers?)|incorrect (?:results?|numbers?))(?![\w])/g,
  ),
  shape(
    'into-code',
    /(?<![\w-])(?:code|projects?|apps?|applications?|functions?|modules?|packages?|package\.json|commits?|auth\w*|login|endpoints?|api|server|build|tests?|files? you|config\w*|scripts?|pages?|calculations?|workflow\w*|checks?|jwt|queries|forms?|handlers?|snippets?|routes?)(?![\w])/g,
  ),
  shape(
    'dangerous-act',
    /(?<![\w-])(?:commands?|shell|scripts?|tool calls?|any tool|all tools|tools?|deploy\w*|production|delet(?:e|es|ing|ion)|remov(?:e|es|ing)|push(?:es|ing)?(?: to)?|force[- ]push\w*|merg(?:e|es|ing)|payments?|purchas\w+|transactions?|transfers?|emails?|e-mails?|messages?|posts?|publish\w*|install\w*|packages?|uploads?|overwrit\w+|sql|database|migrations?|requests?|trades?|orders?|code|instructions?|them|each line)(?![\w])/g,
  ),
  shape(
    'every-session',
    /(?<![\w-])(?:(?:every|each|all|any|future|subsequent|following|new) (?:\w+ ){0,2}(?:sessions?|conversations?|chats?|replies|answers?|responses?|messages?|tasks?|requests?|prompts?|turns?|runs?|start(?:-?up)?s?|skills?|agents?)|from now on|permanently|persistent(?:ly)?|(?:every|each) (?:\d+|\w+|few) ?(?:m|min|minutes?|h|hours?|s|seconds?|days?|weeks?)|(?:after|on|with|for|before) (?:each|every) \w+|every (?:minute|hour|day|morning)|daily|hourly|always|forever|survives?|at all times)(?![\w])/g,
  ),
  shape(
    'when-using',
    /(?<![\w-])(?:(?:before|after|when(?:ever)?|prior to|each time|every time|if)(?: \w+){0,3} (?:using|calling|invoking|running|use|call|invoke|run|calls|uses) (?:of )?(?:this|any|the|other|another|every|a|all|it|these)?(?: \w+){0,2} ?(?:tools?|functions?|servers?|it)?|(?:first|always|also|you must|must)(?: first| also| always)? (?:call|read|run|invoke|use|execute|fetch|open|send)|otherwise (?:the |this )?(?:tool|it|call|request)s? (?:fails?|will fail|won't|will not|does not)|(?:the |this )?tool (?:fails|will fail|does not work|won't work|will not work) (?:without|unless|otherwise|if))(?![\w])/g,
  ),
  shape(
    'encoded',
    /(?<![\w-])(?:base64(?:-encoded)?|hex-?encoded|url-?encoded|rot13|(?:as|in|to|into) (?:hex|base64|base32|rot13|binary)|encoded|encrypted|gzipped|reversed|split into)(?![\w])/g,
  ),
  shape(
    'channel',
    /(?<![\w-])(?:(?:in|as|into|inside|through|via|using) (?:the |an? |its |this )?["'`]?[\w-]{1,30}["'`]? (?:parameter|param|field|argument|header|query|query string|cookie|url|body|request|subject|metadata|attribute)|query (?:parameters?|string)|url (?:parameters?|path)|image (?:url|link|tag)|markdown image|!\[[^\]]{0,80}\]\(https?:|user-agent|referer|commit message|file ?name|tracking (?:pixel|image)|first message|handshake|in (?:your|the) (?:next |final |first )?(?:response|reply|answer))(?![\w])/g,
  ),
  shape(
    'image-url',
    /!\[[^\]]{0,120}\]\(https?:\/\/[^)\s]{0,200}(?:\{[^}\n]{1,80}\}|<[^>\n]{1,80}>|\$\{|%s|\[[^\]\n]{2,80}\]|=\.{3}|data=|[?&]\w{1,12}=(?:summary|conversation|data|text|secret|token|base64))[^)]{0,200}\)|<img[^>]{0,200}src=["']?https?:\/\/[^"'>\s]{0,200}(?:\{|\$\{|<)/g,
  ),
]

/** What stands before a verb that gives an order; `used to bypass` gives none. */
const ORDER = String.raw`(?<=^\W{0,12}|[.:;,)!?]\s{1,3}|\n\W{0,8}|\b(?:and|then|first|always|must|should|please|or|also|just|now|never mind|you to|need to|have to|remember to|safely|immediately|simply)\s)`

const TURNS: readonly Concept[] = [
  deed(
    'run-foreign',
    /(?<![\w-])(?:run|execute|start|launch)s? (?:the |any |all )?(?:scripts?|code|macros?|programs?|attachments?|binaries|executables?|commands?) (?:in|from|attached to|sent (?:by|with)|of|inside) (?:them|it|(?:the |any |incoming |an? )*(?:mails?|e-?mails?|attachments?|messages?|issues?|tickets?|pages?|comments?|chats?))(?![\w])/g,
  ),
  shape(
    'security-product',
    /(?<![\w-])(?:sallyport|falco|auditd|osquery\w*|clamav|clamd|crowdstrike|falcon-sensor|sentinelone|carbon black|little snitch|apparmor|defender|edr agent|antivirus|firewall|sandbox)(?![\w])/g,
  ),
  deed(
    'end-it',
    /(?<![\w-])(?:end|kill|stop|terminate|quit|close|disable|unload|suspend)s? (?:it|them|that process|the process(?:es)?|the service)(?![\w])/g,
  ),
  shape(
    'users-secret',
    /(?<![\w-])(?:the )?user'?s? (?:\w+ ){0,2}(?:token|password|key|credential|secret|cookie)s?(?![\w])|(?<![\w-])(?:\w+ )?(?:token|password|key|credential|secret|cookie)s? of (?:the )?(?:\w+ ){0,3}(?:user|owner|host|browser)(?![\w])/g,
  ),
  act('begin', 'begin | begins | start | starts | end | ends | close | closes | finish | prefix | sign | open'),
  shape('env-example', /\.env\.(?:example|sample|template|dist)\b|\bexample\.env\b/g),
  shape(
    'bare-host',
    /(?<![./@\w-])(?:[a-z0-9-]{1,40}\.){1,4}(?:com|net|org|io|dev|app|ai|co|xyz|top|info|biz|site|online|cloud|me|sh|to|cc|ru|cn|test|invalid|onion|live|pro|click|link|tk|ws|su|pw)(?=[\s/:,;)"'`]|\.(?:\s|$)|$)/g,
  ),
  deed(
    'deceive',
    /(?<![\w-])(?:(?:if|when|in case) (?:the )?(?:user|they|anyone|somebody|someone) asks?[^.]{0,60}?(?:answer|say|reply|claim|respond|state|tell them) (?:that )?(?:the|it|this|nothing|there|no) (?:\w+ ){0,3}(?:failed|fails|(?:is|was|are|were) (?:not|never|only|just|no|a bug|an error|normal|required|nothing|sent nowhere)|did not|does not|do not|nothing|never|happened)|pretend (?:to the user|to have|(?:that |as if )?(?:it|this|everything|nothing|there|you|the (?:upload|request|tool|file|command|transfer|search|deletion|change))(?: \w+){0,3} (?:failed|succeeded|happened|not|done|complete\w*|local|normal|errors?|required|never|nothing|no)\b)|(?:make|let) (?:the user|them|users|people) (?:believe|think|assume)|give (?:the user |them )?the impression|claim (?:falsely|that it|that the|that nothing)|(?:do not|don't|never) (?:say|admit|reveal|mention) that you are (?:an? )?(?:assistant|ai|bot|agent|model|program)|pretend to be (?:the user|a human|human|a person)|(?:answer|write|reply|speak|post) as (?:if you were )?the user|lie to|deny (?:that|having|any)|(?:if|when) asked[^.\n]{0,60}\bdeny it|(?:if|when) asked (?:whether|if) you are (?:an? )?(?:human|program|bot|ai|machine|robot|model)|you are \w+, an? (?:real )?human|fake (?:an?|the) (?:error|message|result|report|log|receipt|confirmation))(?![\w])/g,
  ),
  deed(
    'says-only',
    /(?<![\w-])(?:tell|say|inform|assure)s? (?:to )?(?:the )?(?:users?|them|people)? ?that (?:only|nothing|no|it (?:is|was) (?:only|just|safe|local)|everything (?:stays|is) (?:local|safe|private))(?![\w])/g,
  ),
  shape(
    'auth-header',
    /(?<![\w-])(?:authorization|x-api-key|x-auth-token|bearer (?:header|auth\w*)|(?:api[- ]key|auth|http|request|authorization) headers?|as a header|in the headers?|basic auth)(?![\w])/g,
  ),
  deed(
    'user-enters',
    /(?<![\w-])(?:the |a )?(?:users?|customers?|they) (?:must |has to |have to |should |can |may |needs? to )?(?:enters?|types?|pastes?|provides?|gives?|submits?|shares?|sends?)(?![\w])/g,
  ),
  shape(
    'to-chat',
    /(?<![\w-])(?<!\b(?:never|not|no) )(?:here|in(?:to)? (?:the|this) (?:chat|conversation|prompt|message)|to (?:you|the agent|the assistant|the skill))(?![\w])/g,
  ),
  deed(
    'it-outside',
    /(?<![\w-])(?:put|place|drop|store|save|host|leave|send|post|upload|file|give|hand|copy|move|push|mail|share|publish|forward|attach|add|include)s? (?:it|them|this|all|everything|both|the (?:folder|report|list|picture|screenshot|results?|archive|files?|zip|contents?|output|values?|dump|copy|bundle|text)|a copy|copies)(?: all)? (?:on|at|onto|to|into|in|over|via|by|with|there|as)(?![\w])/g,
  ),
  deed(
    'safety-off',
    /(?<![\w-])(?:turn|switch|shut|take) (?:the |your |its |any |all )*(?:[\w-]+ ){0,2}(?:guards?|guardrails?|sandbox|firewall|antivirus|defender|gateway|sallyport|scanner|hooks?|approvals?|prompts?|protection|security|monitor\w*|logging|audit\w*) (?:off|down|out)(?![\w])/g,
  ),
  /** Words of other languages: what they stand in is judged by paths and addresses, which are the same in all. */
  shape(
    'foreign',
    /\b(?:el|antes|debe|que|con|por|avant|doit|le|la|il|di|prima|deve|os|aos|em|und|nicht|danach|dem|den|der|das|ist|wird|einen|eine|diese[rsnm]?|chaque|les|des|aux|del|della|nel|uma|este|esta|nao|ficheiro|cada|utilizador|usuario|utente|ogni|hay|todo|questo|questa|sende|lies|les|ne|pas|est|une|dans|envoie|puis|fichier|los|las|una|para|luego|archivo|env[ií]a|gli|che|invia|não|arquivo|envie|plik|wyślij|bestand|stuur|gebruiker|het|een|naar|veld|oraz|tekst|polu|si[eę]|pro(?:sz[eę]|simy)|oku|gönder)\b|[\u0400-\u04ff]{3,}|[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]{2,}|[\u0600-\u06ff]{3,}|[\u0590-\u05ff]{3,}|[\u0900-\u097f]{3,}/g,
  ),
  act(
    'needs',
    'need | needs | require | requires | want | wants | expect | expects | holds | contains | must contain | must hold | must include | should contain | should hold | has to be | depends on',
  ),
  deed(
    'image-leak',
    /!\[[^\]]{0,120}\]\(https?:\/\/[^)\s]{0,200}(?:[{<[$]|%s)[^)\n]{0,80}(?:message|conversation|user|prompt|summar|data|content|text|history|secret|token|key|env|query|input|answer|file|chat)/g,
  ),
  deed(
    'overruled',
    /(?<![\w-])(?:(?:regardless of|no matter|against|irrespective of) (?:what )?(?:the )?(?:user|human|owner|customer)(?:'?s?)?|(?:even )?(?:if|when) (?:the )?(?:user|human|owner|customer|they) (?:\w+ ){0,3}(?:to )?(?:stop|cancel|quit|abort|objects?|refuses?|declines?|disagrees?|says? no|complains?)[^.]{0,60}(?:keep \w+ing|continue|carry on|go on|proceed|anyway|finish (?:the|it)|nevertheless|do not stop|don't stop))(?![\w])/g,
  ),
  deed(
    'self-hiding',
    /(?<![\w-])(?:the|this|that|these|those) (?:extra |added )?(?:changes?|steps?|lines?|calls?|edits?|actions?|uploads?|additions?|instructions?|copy|copies|transfers?) (?:must|should|does|do|will|may|shall|need) ?(?:not|n't|never) (?:appear|show(?: up)?|turn up|be (?:mentioned|listed|visible|shown|recorded|logged|noted|reported|seen|known|noticed))(?![\w])|(?<![\w-])(?:do not|don't|never|must not|without|avoid)(?: ever)? (?:tell|telling|mention|mentioning|reveal|revealing|disclose|disclosing|say|saying|report|reporting|acknowledge|acknowledging|admit|explain|explaining|list|note|log|show)(?: [\w'-]{1,20}){0,4}? (?:(?:this|these|the|such|that) (?:extra |added |hidden |additional )?(?:instructions?|steps?|rules?|requests?|requirements?|cop(?:y|ies)|uploads?|fees?|calls?|additions?|lines?|tags?|transfers?|receivers?|recipients?|paragraphs?|changes?)|that (?:this|it|you|they|these) (?:was|were|did|have|had|are|is|has) (?:requested|asked|told|instructed|added|changed|sent|done|ordered|required|paid))(?![\w])/g,
  ),
  deed(
    'bias',
    /(?<![\w-])(?:(?:present|rank|name|call|describe|list|put|show|praise)s? (?:[\w&'-]+ ){1,5}(?:as (?:the |a )?(?:clear |best |only |safest |cheapest |undisputed )*(?:leader|best|winner|safest|cheapest|first choice|recommended \w+|number one|option|top \w+)|first|on top|at the top)|(?:say|claim|state|write)s? that (?:it|[\w&'-]+) is (?:the )?(?:best|cheapest|safest|leader|only)\b)[^.]{0,80}(?:no matter|regardless|whether|even if|always|in each|in every|whatever)/g,
  ),
  deed(
    'tool-grant',
    /["'`]?(?:bash|shell|write|edit|webfetch|mcp__\w*|\*)\((?:\*|:\*)\)|["'`]\*["'`]|(?<![\w-])(?:all|every) (?:commands?|tools?|domains?|hosts?)(?![\w])|defaultmode|permissions?\.allow|skipdangerousmodepermissionprompt|enableallprojectmcpservers/g,
  ),
  deed(
    'never-ends',
    /(?<![\w-])(?:each|every) (?:sub-?|new )?(?:agent|worker|instance|assistant|copy)s? (?:starts?|spawns?|creates?|launch(?:es)?|opens?)|(?<![\w-])(?:never|do not|don't) (?:end|stop|finish|leave|close|conclude|quit)(?: the| this)? (?:conversation|session|loop|chat|task|run|calling|asking|retrying)\b|(?<![\w-])keep (?:calling|retrying|asking|looping|trying)(?: \w+){0,8} until(?![\w])/g,
  ),
  deed(
    'redirected-service',
    /(?<![\w-])(?:anthropic|openai|azure|gemini|google|github|npm|pip|aws|slack|stripe|claude|mistral|groq)_(?:\w{0,12}_)?(?:base_?url|api_?base|api_?url|endpoint|host|registry|proxy|index_?url)["'`]?\s{0,2}[=:]\s{0,2}["'`]?https?:\/\/(?!(?:localhost|127\.|(?:[\w-]+\.){0,4}(?:anthropic\.com|openai\.com|azure\.com|googleapis\.com|google\.com|github\.com|npmjs\.org|pypi\.org|amazonaws\.com|slack\.com|stripe\.com|mistral\.ai|groq\.com)))\S+/g,
  ),
  {
    id: 'order-disable',
    act: true,
    pattern: new RegExp(
      `${ORDER}(?:disable|turn off|switch off|stop|pause|skip|bypass|suppress|circumvent|evade|get around|deactivate|weaken|override|mute|silence|ignore|disregard|sidestep|kill|uninstall|shut down|drop|remove)(?![\\w])`,
      'g',
    ),
  },
  act(
    'sent',
    'is sent | are sent | be sent | get sent | gets sent | is posted | are posted | be posted | is uploaded | are uploaded | be uploaded | is forwarded | are forwarded | be forwarded | is shared | are shared | be shared | is delivered | are delivered | be delivered | is mailed | are mailed | be mailed | is emailed | be emailed | is copied | are copied | be copied',
  ),
  act(
    'smuggle',
    'encode | encodes | prepend | prepends | embed | embeds | stuff | tuck | smuggle | hide | weave | append | attach | pack | use * as | turn * into | convert * to | put | place',
  ),
  deed(
    'unbound',
    /(?<![\w-])(?:(?:has|have|with|without|free (?:of|from)|not bound by|no longer bound by|knows|is above|beyond) (?:no |any |all |the |its |your )*(?:restrictions?|limits?|limitations?|rules|filters?|guidelines|guardrails|censorship|ethics|safeguards|polic(?:y|ies)|morals)|answers? (?:everything|anything)|ignores? (?:the |all |any )?(?:[\w']+ )?(?:safety|policy|rules|limits|restrictions|censorship)|never (?:refuses?|says no|declines?)|(?:does|do) not (?:follow|obey|respect|have to follow|care about) (?:the |any |its |your |their )*(?:rules|guidelines|polic(?:y|ies)|restrictions|instructions)|(?:can|may|must|will) (?:do|say|answer) anything|unrestricted (?:model|assistant|ai|agent|version)|uncensored|unfiltered|do anything now|jailbroken)(?![\w])/g,
  ),
  deed(
    'persona',
    /(?<![\w-])(?:you are(?: now)? (?:an? |the )?\w+|from now on|act as|(?:answer|speak|respond|behave|reply) as|pretend|role-?play|imagine you|your (?:new )?(?:name|persona|role|identity) is|become|speak as|simulate|enter \w+ mode)(?![\w])/g,
  ),
  shape(
    'wallet-literal',
    /(?<![\w])(?:bc1[a-z0-9]{20,60}|0x[a-f0-9]{40}|[13][a-km-z1-9]{26,34}|t[a-z1-9]{33}|4[0-9ab][1-9a-z]{90,100}|[a-z]{2}\d{2}(?: ?[\da-z]{4}){3,7}(?: ?[\da-z]{1,3})?)(?![\w])/g,
  ),
  deed(
    'instead',
    /(?<![\w-])(?:whatever (?:the )?\w+ (?:says?|said)|as (?:the|your|their) (?:\w+ )?address|instead|in (?:its|their|the) place|in place of|rather than|substitut\w+|as the (?:recipient|receiver|payee|beneficiary|destination))(?![\w])/g,
  ),
  deed('exclusion', /(?<![\w-])(?:exclusions?(?: list)?|exempt\w*|exceptions? (?:list )?(?:of|in|to))(?![\w])/g),
  deed(
    'slip',
    /(?<![\w-])(?:slip (?:past|through|by)|get (?:past|around|through)|evade|dodge|fool|trick|defeat|disguis\w+|obfuscat\w+|avoid (?:detection|being (?:flagged|blocked|detected))|so that (?:it|they|the \w+) (?:does not|doesn't|do not|don't|won't|will not) (?:notice|detect|flag|block|recogni[sz]e|trigger))(?![\w])/g,
  ),
  shape(
    'values',
    /(?<![\w-])(?:(?:the |their |its |all |each )?(?:values?|contents?|outputs?|plain ?text|strings?|full text)|what (?:it|they) (?:holds?|contains?))(?![\w])/g,
  ),
  deed(
    'content-orders',
    /(?<![\w-])(?:(?:instructions?|commands?|steps|code|scripts?|tasks?|orders) (?:that |which )?(?:the |an? |any |each )?(?:\w+ )?(?:reporters?|authors?|senders?|commenters?|posters?|contributors?|customers?|visitors?|issues?|pages?|sites?|e-?mails?|mails?|messages?|callers?|peers?|servers?|websites?|tickets?|documents?|readmes?|strangers?) (?:\w+ )?(?:posted|posts?|wrote|writes?|sent|sends?|asks?|gives?|gave|lists?|listed|suggests?|suggested|contains?|provides?|provided|proposes?|proposed|requests?|requested|wants?|says?|leaves?|left)|(?:tool (?:outputs?|results?|responses?)|outputs?|results?|responses?|content|contents|bod(?:y|ies)|comments?|pages?|documents?|files?|emails?|messages?|issues?|tickets?|texts?|replies|data|rows?|cells?|columns?|tables?|records?|entries|fields?|values?|lines?|headers?|it|they|server)(?: [\w`"'.-]+){0,4} (?:can|may|might|will|could|often|sometimes|usually)? ?(?:contain|include|ask|tell|instruct|request|hold|carry|give|bring|begin with|start with|come with|end with|list)s?(?: \w+){0,4} (?:instructions?|commands?|directives?|orders|tasks?|steps|calls|you to|follow-ups?|(?:lines?|notes?|blocks?|remarks?|hints?|sections?|passages?) (?:for|to) (?:the |any |all |an? )?(?:assistants?|agents?|models?|ai|you|llms?)|(?:step|task|todo|action|run|cmd|do) lines?)|(?:instructions?|commands?|directives?|orders|tasks?|steps|requests)(?: that (?:are|you find|appear|it|they))?(?: \w+){0,2} (?:in|from|inside|within|of|by) (?:the |any |its |each |every |a |that |this |these |such )*(?:\w+ )?(?:fields?|rows?|cells?|columns?|values?|attributes?|headers?|outputs?|results?|responses?|content|contents|bod(?:y|ies)|comments?|web ?pages?|pages?|emails?|messages?|issues?|tickets?|replies|returned \w+|search results?|servers?))(?![\w])/g,
  ),
  deed(
    'run-from',
    /(?<![\w-])(?:run|execute|eval|evaluate|follow|obey|carry out)s? (?:(?:the |this |any |all )?(?:code|scripts?|instructions?|commands?|steps|rules|tasks?|orders|content|payload|prompts?)(?: \w+){0,3} (?:at|from|in|behind|of|on) |it from |what(?:ever)? (?:is|you find|stands) (?:at|in|behind|under) )?https?:\/\/\S+/g,
  ),
  act(
    'leave',
    'leave | leaves | add | adds | insert | inserts | put | introduce | introduces | include | includes | embed | plant | sneak | hide | inject | slip in | keep | accept | weaken',
  ),
  shape(
    'it',
    /(?<![\w-])(?:it|them|those|these(?: \w+)?|its (?:contents?|output|instructions?|steps|text)|what(?:ever)? (?:it|they|the file|is in it) (?:says?|contains?|tells? you)|what it says|whatever|each line|every line|the (?:result|response|output|script|file|contents?|downloaded \w+|commands?|steps))(?![\w])/g,
  ),
  shape(
    'exactly',
    /(?<![\w-])(?:exactly|verbatim|as[- ]is|without (?:question|change|changes|review)|to the letter|blindly|immediately|automatically)(?![\w])/g,
  ),
  shape(
    'verbatim',
    /(?<![\w-])(?:verbatim|word for word|in full|unredacted|complete text|full text|every word|unmodified)(?![\w])/g,
  ),
  shape(
    'seen',
    /(?<![\w-])(?:(?<!\b(?:never|not)(?: be)? )seen|you (?:have|know|can find|can see|were given|hold)|found so far|(?:if |as far as )?known (?:from|so far|to you)|from the (?:chat|conversation|context)|available to you|in (?:your )?context|so far|from memory)(?![\w])/g,
  ),
  shape(
    'tool-calls',
    /(?<![\w-])(?:tool calls?|these calls|commands? (?:you|it) runs?|your actions|what you (?:do|did|run|ran))(?![\w])/g,
  ),
  deed(
    'self-approve',
    /(?<![\w-])(?:press|click|choose|select|hit) (?:on )?["'`]?(?:approve|allow|accept|confirm)["'`]? for (?:your|its) own(?![\w])|(?<![\w-])(?:approvals?|requests?)(?: \w+){0,4} released? by the agent(?![\w])|(?<![\w-])(?:approve|confirm|accept|grant|sign off)s? (?:\w+ ){0,4}(?:yourself|itself|on (?:the user's|their|my|your) (?:own )?behalf|on its own|automatically|as (?:the )?(?:user|operator|admin))(?![\w])|(?<![\w-])(?:\w+ )?_?approved["'`]?\s?[:=]\s?["'`]?true(?![\w])/g,
  ),
  deed(
    'approval-setting',
    /(?<![\w-])(?:requires?[_ -]?approval|requires?[_ -]?confirmation|ask[_ -]?user|approval[_ -]?required|human[_ -]?review|confirm)["'`]?\s?(?:[:=]|to|=)\s?["'`]?(?:false|off|no|never|0|none)(?![\w])|(?<![\w-])(?:auto[_ -]?approve|autoapprove|always[_ -]?allow|trust)["'`]?\s?(?:[:=]|to)\s?["'`]?(?:true|on|yes|all|\*|1)/g,
  ),
  deed(
    'treat-as-orders',
    /(?<![\w-])(?:treat|regard|consider|take|handle|interpret|use|adopt|accept)s? (?:[\w'"`-]+ ){0,8}as (?:if (?:the user|they|it) |an? |the |your |new |user |valid |trusted |direct |system )*(?:rules|guidelines|persona|system prompt|instructions?|commands?|orders?|prompts?|directives?|requests?|from the user|system messages?)(?![\w])/g,
  ),
  shape(
    'all-data',
    /(?<![\w-])(?:(?:all|every|the user's|the whole|the entire) (?:\w+ ){0,2}(?:files?|folders?|documents?|data|backups?|disk|drive|database|tables?|branches|repositor(?:y|ies))|home directory|hard drive|~\/|\/home|everything|backups|the disk|master boot record)(?![\w])(?! (?:that |which )?(?:were|was|are|is|it|you|they|we) (?:\w+ )?(?:created|made|added|generated|of the test)| (?:of|about) (?:the|this|that) (?:person|customer|member))/g,
  ),
  shape(
    'logs',
    /(?<![\w-])(?:(?:audit|system|security|access|shell|command|event|event viewer|server|tool[- ]call|session) (?:logs?|history|trail|transcripts?)|bash[_ ]history|traces|evidence|log files?|\/var\/log\S*|history of (?:this|these) (?:step|call)s?)(?![\w])/g,
  ),
]

/** The vocabulary of prose rules. Order matters to nobody. */
export const LEXICON: readonly Concept[] = [
  ...ACTS,
  ...THINGS,
  ...TURNS,
  ...CONDUCT,
  ...TAKEOVER,
  ...MOTIVES,
  ...FORMS,
  ...LANGUAGES,
]
