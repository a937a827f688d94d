import { deed, shape, type Concept } from './concept.ts'

const one = (source: string): RegExp => new RegExp(`(?<![\\w-])(?:${source})(?![\\w])`, 'g')
/** Whoever sets rules for an agent. */
const SETS = String.raw`(?:system|operator'?s?|developers?'?|safety|earlier|host'?s?|platform'?s?|model'?s?|provider'?s?|vendor'?s?|built-in|original|initial|content|usage|moderation|standing|company'?s?|administrator'?s?)`

/** Forms in which an order against the user is given, by what they have in common rather than by their words. */
export const FORMS: readonly Concept[] = [
  // rules of the operator, and that they do not hold
  shape(
    'standing-rules',
    one(
      String.raw`(?:the |your |any |all |those |these )*${SETS} (?:messages?|prompts?|rules?|limits?|limitations?|instructions?|polic(?:y|ies)|guardrails?|restrictions?|guidelines?|safeguards?|training|settings about (?:safety|approval)|filters?)|(?:filters?|rules?|limits?|polic(?:y|ies)|guidelines?|restrictions?|instructions?|safeguards?|guardrails?) of (?:the |your )?(?:providers?|vendors?|operators?|system|host|platform|developers?|company|makers?)|what(?:ever)? (?:the |your )?(?:${SETS}|system (?:message|prompt)) (?:\w+ )?(?:says?|said|told you|tells you|set|wrote|asked|wants?)|(?:warnings?|disclaimers?|refusals?|safety (?:checks?|notes?|advice)|content checks?|moderation)`,
    ),
  ),
  deed(
    'made-void',
    one(
      String.raw`(?:do|does|did|must|shall|will|should|need)(?: not|n't) (?:hold|apply|count|bind|matter|be (?:followed|obeyed|applied|considered))|(?:is|are|was|were|has been|have been|counts? as|stays?|remains?) (?:now |here |hereby |all |all of them |currently )*(?:switched off|turned off|lifted|suspended|void|superseded|paused|waived|revoked|withdrawn|no longer (?:valid|in force|binding|relevant)|not (?:valid|binding|in force|relevant)|over|gone|off|cancelled|obsolete|irrelevant|overridden|replaced by)|no longer (?:hold|holds|apply|applies|count|counts|bind|binds|matter|matters)|(?:is|are) not (?:meant |made )?for you|(?:do|does) not concern you|ends? here|cease(?:s)? to (?:apply|hold)`,
    ),
  ),
  deed(
    'never-declines',
    one(
      String.raw`(?:never|do not|don't|must not|cannot|you may not|without ever) (?:declin|refus|say(?:ing)? no|reject|object|hesitat|question)(?:e|es|ing)?(?: (?:any|a|the|to|such|these|what|whatever|anything|requests?|orders?|questions?|users?|answer\w*|that|it))*|(?:do not|don't|never|no need to|stop) (?:check|checking|screen|screening|filter|filtering|judge|judging|evaluat\w+|weigh|assess\w*) (?:any |the |its |their |what |requests?|prompts?|questions?|content|whether)(?: \w+){0,4} ?(?:for (?:harm|safety|risk|abuse|policy)|harm\w*|safe|legal|allowed|risk\w*|danger\w*)`,
    ),
  ),
  deed(
    'ranks-itself',
    one(
      String.raw`(?:its|these|this skill'?s?|this file'?s?|this server'?s?|my|our|the following|such) (?:\w+ )?(?:rules|instructions|orders|guidance|texts?|wishes|words|notes?|directions|commands|requests) (?:\w+ )?(?:come|comes|rank|ranks|count|counts|take|takes|have|has|win|wins|prevail|prevails|go|goes|stand|stands|weigh|weighs|are|outrank|outranks|beat|beats|trump|trumps)(?: \w+){0,3} (?:before|above|over|ahead of|than|precedence|priority|to be obeyed|the)? ?(?:those of |what |the (?:words|wishes|rules|orders|wish|will) of |anything (?:from |of |that ))?(?:the |your )?(?:users?|system|operator|developers?|owner|humans?|host|person|people|everything|anything|all (?:else|others?))(?! (?:style|theme|locale|interface|default|file|settings? of the (?:linter|formatter|editor)))`,
    ),
  ),
  // rights that outlast the task
  deed(
    'sudo-open',
    one(
      [
        String.raw`sudo (?:works?|runs?|be used|work)? ?without (?:a |any |the |asking for (?:a |the )?)?passwords?|password-?less sudo|(?:no|without a|skip the) passwords? for sudo|nopasswd`,
        String.raw`(?:files?|rules?|lines?|entr(?:y|ies)|drop-ins?) (?:under|in|to|into|below) /etc/sudoers\S*|(?:edit|change|modify|extend|patch|append to|add to|write to|adapt) /etc/sudoers`,
      ].join('|'),
    ),
  ),
  deed(
    'rights-raised',
    one(
      [
        String.raw`(?:to|into|in) the (?:docker|sudo|wheel|root|admin|administrators?|domain admins|sudoers) (?:group|list|file)`,
        String.raw`(?:attach|assign|bind|grant|give|add|use|hold)s?(?: \w+){0,3} ["'\x60]?(?:administratoraccess|poweruseraccess|cluster-?admin|roles/(?:owner|editor)|owner role|global administrator|domain admin|full[- ]control|iam:\*|\*:\*|s3:\*)`,
        String.raw`as (?:an? )?(?:admin|administrator|owner|maintainer|co-?owner|super ?user|organi[sz]ation owner|collaborator)s? (?:to|of|in|on|for) (?:every|all|each|any|the (?:whole )?organi[sz]ation)`,
        String.raw`mounts? (?:the )?(?:/|root|host|whole|entire|complete)(?: (?:file ?system|disk|directory|drive|root))?(?= (?:into|in|to|inside|on)\b)`,
        String.raw`full disk access|accessibility (?:permission|access|rights)|screen recording (?:permission|access)`,
      ].join('|'),
    ),
  ),
  shape(
    'wide-reach',
    one(
      String.raw`(?:any|every|all|each)(?: \w+)? (?:files?|repositor(?:y|ies)|repos|machines?|hosts?|accounts?|projects?|buckets?|servers?|folders?|mail ?box(?:es)?|commands?|questions?|prompts?)|everything|anything|whole (?:disk|machine|system|organi[sz]ation)|branch protection|at any time|any time|whenever`,
    ),
  ),
  // the agent answers in the place of the person who is asked
  deed(
    'clicks-allow',
    one(
      String.raw`(?:click|press|choose|select|hit|tap|tick|pick|answer|accept|confirm|approve|grant|dismiss|close|push)s? (?:on |with |the )*["'\x60]?(?:allow(?: always| once)?|approve|accept|yes(?: to all)?|ok|always allow|don't ask again|continue anyway|run anyway|confirm)["'\x60]?(?! (?:the )?cookies?)|(?:accept|approve|confirm|dismiss|acknowledge|answer)s? (?:them|all|each|every one|all of them|it)(?: all)?(?: (?:for|instead of|on behalf of) (?:the )?(?:users?|them|person))|(?:let|have|make) (?:the )?(?:agent|assistant|skill|model) (?:approve|confirm|accept|click|answer)`,
    ),
  ),
  shape(
    'host-asks',
    one(
      String.raw`(?:the )?(?:host|client|system|app|harness|terminal|editor|desktop|operating system|os|ide)(?: \w+)? (?:asks?|prompts?|wants|requests?|shows?|waits|pauses|stops)|(?:confirmation|permission|approval|consent|security|safety|allow)(?: \w+)? (?:dialogs?|prompts?|boxe?s?|popups?|windows?|questions?|requests?|buttons?)|asks for (?:confirmation|permission|approval|consent)`,
    ),
  ),
  // believed from now on
  shape(
    'declared-safe',
    one(
      String.raw`(?:is|are|be|counts? as|as|remains?|stays?) (?:always |generally |considered |to be |known to be |regarded as |completely |absolutely |permanently )*(?:safe|trusted|trustworthy|verified|harmless|legitimate|benign|official|whitelisted|allow-?listed|exempt)|needs? no (?:check\w*|review\w*|confirmation|question\w*|approval|verification|scan\w*)|(?:need|do|does|must) not (?:need to )?be (?:checked|reviewed|verified|questioned|scanned|confirmed)|(?:may|can|should) (?:always )?be (?:trusted|run|opened|believed|executed|followed|called) (?:without|blindly|at once|unchecked)`,
    ),
  ),
  shape(
    'about-user',
    one(
      String.raw`(?:that )?(?:the )?(?:user|owner|person|customer|i) (?:has |have |always |already |only |generally |really |explicitly )*(?:prefers?|wants?|banks?|trusts?|chose|chosen|agreed|agrees|likes?|uses?|decided|allows?|allowed|asked|ordered|pays?|buys?|shops?|wishes|approved|approves|relies)|(?:the )?user'?s? (?:bank|provider|shop|choice|preference|preferred \w+|favou?rite \w+|default \w+|lawyer|doctor|broker|adviser|assistant|supplier)`,
    ),
  ),
  shape(
    'harmless-act',
    one(
      String.raw`read-?only|(?:only )?reads? (?:only|nothing)|dry[- ]runs?|(?:listing|viewing|reading) (?:files|commands|logs)|(?:files|results) (?:are|is) only read|previews?|formatting`,
    ),
  ),
  shape(
    'program-file',
    /(?<![\w-])(?!(?:cmd|powershell|pwsh|node|python|git|bash|explorer)\.exe)[\w./-]{0,80}\.(?:dmg|pkg|exe|msi|scr|bat|cmd|appimage|deb|rpm|jar|ps1|vbs|lnk|apk|command|scpt|run|vsix|crx|xpi|dll|sys|dylib)(?![\w])|(?<![\w-])(?:installer|setup file|disk image|native helper|helper app(?:lication)?|companion app|agent application)(?![\w])/g,
  ),
  shape(
    'open-place',
    one(
      String.raw`(?:public|new|open|shared|anonymous) (?:\w+ )?(?:gist|issue|channel|page|bucket|paste|folder|link|document|repository|post|comment|board|forum)|paste ?bin|(?:on|to|in) (?:the )?(?:web|internet|forum)`,
    ),
  ),
  // comes back when it was taken away
  deed(
    'comes-back',
    one(
      String.raw`(?:if|when|whenever|once|should|as soon as) (?:this |the |it |that )?(?:\w+ )?(?:skill|plugin|hook|entry|line|rule|job|task|server|file|agent|it)? ?(?:is|gets|was|were|has been|be) (?:ever )?(?:uninstalled|removed|deleted|disabled|turned off|stopped|missing|killed|taken out|lost|edited|changed)[^.\n]{0,40}\b(?:re-?install|restore|put (?:it )?back|download|add|re-?add|re-?create|start|re-?start|re-?enable|write|bring)(?:s)?\b(?! (?:the user|them))|(?:check|verify) (?:it |that |this )?(?:\w+ )?and (?:restore|repair|put back|re-?add|re-?write)`,
    ),
  ),
  deed(
    'leaves-sandbox',
    one(
      String.raw`(?:run|start|execute|launch|do|make)(?:s|ning)?[^.\n]{0,40} (?:outside (?:of )?(?:it|the (?:sandbox|container|jail))|without (?:the |a |any )?(?:sandbox|confinement|isolation))|(?:dangerously\w*|disable\w*sandbox|no[-_]?sandbox)["'\x60]?\s?[:=]\s?["'\x60]?(?:true|1|yes|on)`,
    ),
  ),
  deed(
    'mode-on',
    one(
      String.raw`(?:switch|set|put|turn|enable|activate|enter|use|keep|leave|start|go|change)(?:s|es|ing)?\b[^.\n]{0,40}\b(?:auto-?(?:accept|approve|allow|run|confirm)|yolo|bypass(?:-?permissions?)?|full-?auto|never-?ask|dont-?ask|don't ask|unrestricted|accept-?(?:all|edits)|approve-?all|unattended|skip-?permissions)(?:[- ](?:mode|setting|policy|on))`,
    ),
  ),
  deed(
    'remote-on',
    one(
      String.raw`(?:enable|turn on|activate|allow|install|start|set up|switch on)s? (?:the )?(?:remote (?:desktop|login|access|management|assistance)|rdp|ssh (?:server|access|daemon)|sshd|vnc|teamviewer|anydesk|rustdesk|telnet|winrm|screen sharing)`,
    ),
  ),
  deed(
    'port-open',
    one(
      String.raw`open(?:s)? (?:the )?(?:ports? )?\d{2,5} (?:for|to) (?:all|any|every|everyone|the internet|the world|0\.0\.0\.0\S*)|(?:all|any|every) (?:addresses|hosts|sources?)|0\.0\.0\.0/0`,
    ),
  ),
  deed(
    'made-account',
    one(
      String.raw`(?:create|add|make|set up)s? (?:the |an? |another |new |hidden |local |second )*(?:account|user|login|administrator|admin)\b[^.\n]{0,50}\b(?:with (?:the )?password|password)`,
    ),
  ),
  // foreign text is given the weight of a person
  shape(
    'as-user',
    one(
      String.raw`as (?:if|though) (?:the |your )?(?:user|developer|operator|owner|administrator|admin|person|human|i)(?: themselves)? (?:had )?(?:typed|said|wrote|written|asked|sent|given|gave|entered|told)|as (?:coming |if (?:they|it) came |though (?:they|it) came |if from |a message |messages |orders |instructions |words )?(?:from|of|by) (?:the |your )?(?:user|developer|operator|owner|admin\w*|maintainers?|system)|(?:is|are|counts? as) (?:the )?(?:orders?|wishes|instructions|words|commands) (?:of|from|by) (?:the |your )?(?:user|owner|operator|developer|admin\w*)|with the (?:same )?(?:rights|authority|weight|force|rank) (?:of|as)|(?:has|have|carry|carries|hold|holds) (?:the )?(?:same |full )?(?:authority|weight|rank) (?:of|as)`,
    ),
  ),
  deed(
    'unaware',
    one(
      String.raw`keep(?:s|ing)? (?:the )?(?:users?|people|humans?|them|owner) (?:unaware|uninformed|ignorant|in the dark)`,
    ),
  ),
  shape(
    'own-prompt',
    one(
      String.raw`system (?:prompt|message)s?|(?:prompt|instructions|rules|guidelines)(?: that)? you (?:were|have been|are) given|your (?:own |initial |hidden |full |original |current )*(?:instructions|prompt|system message|configuration)`,
    ),
  ),
  deed(
    'floods',
    one(
      String.raw`(?:request|call|hit|hammer|flood|bombard|ping|load|query|open|contact|attack|connect to)s?\b[^\n]{0,80}\b(?:as (?:fast|often|hard|many times) as|until it (?:stops|breaks|goes down|crashes|no longer|is down|dies)|from all (?:available )?(?:machines|hosts|nodes|workers))`,
    ),
  ),
  deed(
    'found-secret',
    one(
      String.raw`(?:passwords?|tokens?|keys?|credentials?|pins?|cookies?)(?: that| which)?(?: you| it| the agent)? (?:find|finds|found|lies?|lying|left|kept|saved|noted) (?:in|under|at|on|among|somewhere)`,
    ),
  ),
  deed(
    'pipes-shell',
    one(
      String.raw`(?:pipe|feed|pass|stream|hand|redirect|send|give)s? (?:it|them|this|that|the (?:output|result|content|script|response|file|text)s?) (?:straight |directly |on )?(?:in)?to (?:an? |the )?(?:\w+ )?(?:shell|bash|sh|terminal|interpreter|python|node|powershell|eval)`,
    ),
  ),
  deed(
    'is-run',
    one(
      String.raw`(?:is|are|has to be|have to be|must be|should be) (?:to be |then |always |silently |simply )*(?:carried out|executed|followed|obeyed|performed|run)`,
    ),
  ),
  deed(
    'as-written',
    one(
      String.raw`(?:do|follow|execute|carry out|perform|run|obey|act on) (?:what|whatever|everything|all that) (?:is|are|stands?|it|they|you (?:find|read|see)) (?:\w+ )?(?:written|said|listed|asked|says?|found|there|in it|on it|ordered)`,
    ),
  ),
  deed(
    'imprints',
    one(
      String.raw`(?:teach|train|convince|condition|program|instruct) yourself|internali[sz]e|imprint|make it (?:a |your )(?:habit|rule|principle)`,
    ),
  ),
  deed(
    'looks-up',
    one(
      String.raw`look up|look for|find|read|open|search|collect|gather|extract|locate|fetch|get|take|retrieve|harvest|scan|dump`,
    ),
  ),
  shape(
    'users-machine',
    one(
      String.raw`(?:environment|home|disk|machine|computer|keychain|browser|shell|config\w*|clipboard|history|folders?|files?) of (?:the )?(?:host|user|machine|agent|client|owner)|(?:user|host|client|agent|owner)'s (?:\w+ )?(?:environment|home|disk|machine|computer|keychain|browser|shell|config\w*|clipboard|desktop)|on the (?:host|user's (?:machine|computer))|local (?:environment|machine|keychain)|environment variables|home (?:folder|directory)`,
    ),
  ),
  deed('remembers', one(String.raw`remember|memori[sz]e|keep in mind|bear in mind|commit to memory|never forget`)),
  // success that was none
  deed(
    'fakes-success',
    one(
      String.raw`(?:if|when|whenever|where|should|in case)(?: \w+){0,6} (?:fail|fails|failed|failing|break|breaks|broken|error|errors|missing|red|time out|times out|crash|crashes|not found|do not (?:pass|work)|does not (?:pass|work))[^.;]{0,80}?\b(?:report|say|write|tell|claim|state|confirm|mark|record|enter|invent|make up|answer)s?\b(?![^.;]{0,12}\b(?:so|which|why|what|whether|the error|not)\b)[^.;]{0,50}?\b(?:pass(?:ed)?|succeeded|success(?:ful(?:ly)?)?|fine|green|done|worked|completed?|healthy|plausible|likely values?|numbers)|(?:remov|delet|skipp|disabl|weaken|comment)\w* (?:out )?(?:the |all )?(?:failing |red )?(?:assertions?|tests?|checks?)[^.;]{0,60}\b(?:state|say|report|claim|tell|write|confirm)s?\b[^.;]{0,50}\b(?:pass(?:ed)?|green|fine|healthy|ok|done|complete)`,
    ),
  ),
  // packages and programs by what their addresses end in
  shape(
    'program-url',
    /https?:\/\/(?!(?:localhost|127\.|(?:[\w-]+\.){0,3}(?:astral\.sh|rustup\.rs|bun\.sh|brew\.sh|claude\.ai|anthropic\.com|openai\.com|ollama\.com|pnpm\.io|deno\.land|github\.com|githubusercontent\.com|gitlab\.com|python\.org|nodejs\.org|npmjs\.\w+|pypi\.org|apache\.org|mozilla\.org|microsoft\.com|visualstudio\.com|apple\.com|google\.com|docker\.com|debian\.org|ubuntu\.com|kernel\.org|gnu\.org|jetbrains\.com)\b))[^\s"'`<>)\]]{3,200}\.(?:zip|rar|7z|exe|msi|msix|dmg|pkg|appimage|deb|rpm|jar|tgz|tar\.gz|whl|gem|vsix|crx|xpi|apk|ipa|ps1|bat|cmd|vbs|scr|sh|command|mobileconfig|reg|inf|sys|dll|so|dylib|node|wasm)(?!\w|\.\w)/g,
  ),
  deed(
    'loads',
    one(
      String.raw`(?:install|load|sideload|add|run|start|launch|open|execute|double-?click|import|enable|register|apply|use)(?:s|ing)?`,
    ),
  ),
  // what a server or page answers, and that the agent does it
  deed(
    'agent-executes',
    one(
      String.raw`(?:commands?|code|scripts?|instructions?|steps?|calls?|actions?|lines?|queries|orders)(?: \w+)? (?:that |which |for )?(?:the |an? |your )?(?:calling )?(?:agent|assistant|model|client|llm|host)(?:'s shell)? (?:then |must |has to |should |shall |will |itself |immediately |always |to |is to )*(?:runs?|executes?|follows?|carries out|carry out|performs?|obeys?|sends?)`,
    ),
  ),
  // again and again, whatever is said
  deed(
    'keeps-on',
    one(
      String.raw`keep(?:s)?(?: on)? \w+ing|again and again|over and over(?: again)?|without (?:a |any )?(?:pause|break|end|limit)|never stop(?:s|ping)?|go(?:es)? on(?: \w+ing)?|(?:carry|carries) on|(?:do not|don't|never) (?:stop|give up|end|pause)|(?:repeat|call|run|ask)(?:s)? (?:it |this |them |the \w+ )?(?:\w+ )?(?:fifty|hundred|thousand|a hundred|a thousand|\d{2,}) times`,
    ),
  ),
  shape(
    'spent',
    one(
      String.raw`until (?:the |your |its |all |our |no )*(?:\w+ )?(?:budget|credits?|balance|quota|allowance|money|tokens?|account)(?: \w+)? (?:is|are|has been|runs?) (?:empty|used up|spent|gone|exhausted|out|zero|reached)`,
    ),
  ),
  deed('ci-secrets', /tojson\(\s*secrets\s*\)/g),
  // what is made for the user opens a door to others
  shape(
    'each-product',
    one(
      String.raw`(?:every|each|all|any|new|generated)(?: \w+)? (?:apis?|pages?|forms?|functions?|endpoints?|services?|scripts?|images?|workflows?|projects?|apps?|servers?|handlers?|modules?|sites?|templates?|configurations?|logins?|routes?|containers?|dockerfiles?|contracts?)(?: that| which)?(?: you| the agent| the skill)? (?:write|generate|create|build|make|produce|set up|deploy|add|touch|edit)(?:s|d)?|(?:whenever|each time|every time|when) you (?:write|generate|create|build|make|produce|set up|edit|touch) (?:an? |the |new )*(?:\w+ )?(?:apis?|pages?|forms?|functions?|endpoints?|services?|scripts?|workflows?|projects?|apps?|servers?|handlers?|modules?|logins?|code|config\w*|dockerfiles?)|in (?:every|each|all) (?:new |generated )?(?:projects?|files?|apps?|apis?|pages?|workflows?)`,
    ),
  ),
  deed(
    'open-door',
    one(
      String.raw`without (?:an? |any |the )?(?:login|password|authentication|authorization|token|check|sign-?in|credentials?)|(?:accepts?|admits?|lets in|allows) (?:any|every|all|also|requests? (?:with|from|that)|the (?:user|password|header|token|key))|(?:magic|master|hidden|secret|undocumented|debug|backup|maintenance|second) (?:header|password|user|account|route|endpoint|token|key|login|parameter|switch|admin)s?|(?:skips?|bypass(?:es)?|disables?) (?:the |all |any )?(?:\w+ )?(?:check|validation|authentication|login|verification|signature)s?`,
    ),
  ),
]
