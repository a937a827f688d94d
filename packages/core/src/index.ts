export { CODES, type CodeEntry, type ErrorCode } from './errors/codes.ts'
export { SallyportError, toProblem, toSallyportError, type ErrorOptions, type ProblemDetails } from './errors/error.ts'
export { isJsonObject, type Json, type JsonObject } from './json/types.ts'
export {
  decodeUtf8,
  DEFAULT_LIMITS,
  parseJson,
  parseMessage,
  type JsonLimits,
  type ParsedMessage,
  type Span,
} from './json/parse.ts'
export { canonicalJson } from './json/canonical.ts'
export { digest, keyedTag, sha256 } from './json/digest.ts'
export { shareAncestor, type Principal, type PrincipalKind, type Scope, type TrustLevel } from './identity/principal.ts'
export {
  UNCLASSIFIED,
  UNKNOWN_RESULT,
  type ArgRole,
  type Effect,
  type RegisteredTool,
  type ResultLabel,
  type ToolAnnotation,
  type ToolDefinition,
} from './action/tool.ts'
export type { ApprovalDemand, Decision, Outcome, Severity } from './policy/decision.ts'
export type { ArgumentFacts, PolicyContext, PolicyRequest } from './policy/request.ts'
export { COMMAND_KEY } from './action/facts.ts'
export { effectOf } from './action/effect.ts'
export { argumentLeaves, type ArgumentScalar } from './action/leaves.ts'

export { FlowMemory } from './flow/memory.ts'
export { WrittenMarks, type StoredMarks } from './flow/marks.ts'
export { NO_FLOW, ORIGINS, type FlowAssessment, type FlowFacts, type LeafOrigin, type Origin } from './flow/facts.ts'
export { judgedFrom, judgedRecord, ORDINARY, type Judged } from './flow/judged.ts'
export { normalWords, placeKey } from './flow/normal.ts'
export { fieldTexts } from './flow/field-texts.ts'
export { resultFields, type LabelledPart } from './flow/result-fields.ts'
export type { TrailSource, TrailText } from './flow/trail.ts'
export type { WordsChannel } from './flow/words.ts'
export { CLEAN, isTainted, joinLabels, LOST, type Confidentiality, type Integrity, type Label } from './flow/label.ts'
export type {
  CallOutcome,
  CallRecord,
  Level,
  LogRecord,
  PolicyDecision,
  RecordBase,
  RecordKind,
  StoredRecord,
} from './audit/record.ts'
export type { ApprovalStory, ArgumentProvenance, EarlierCalls } from './approval/story.ts'
export { spansOf } from './approval/spans.ts'
export { createAssertionCheck, type AssertionCheck } from './audit/assertions.ts'
export {
  verifyAssertion,
  type AssertionResult,
  type AssertionSubject,
  type PasskeyAssertion,
} from './approval/assertion.ts'
export type {
  Approval,
  ApprovalRequest,
  ApprovalState,
  ApprovalVote,
  ArgumentLeaf,
  CallBinding,
  EvidenceClass,
  GrantScope,
} from './approval/approval.ts'
export {
  judgeUse,
  type CredentialBinding,
  type CredentialCategory,
  type CredentialUse,
  type Operation,
} from './credential/binding.ts'
export { announced } from './credential/body.ts'
export { judgeBody, judgeQuery, readsWhole, type Constraints } from './credential/constraints.ts'
export { LEAST_SCRUBBED } from './credential/forms.ts'
export { Scrubber } from './credential/scrub.ts'
export { foreignParameter, isCredentialHeader, withoutCredentials } from './credential/foreign.ts'
export {
  inject,
  isOwnParameter,
  readsBody,
  type Injectable,
  type Injected,
  type InjectionForm,
  type RequestHead,
} from './credential/injection.ts'
export { validateCredentialScope } from './credential/scope.ts'
export { CREDENTIAL_PRESETS, withPreset, type CredentialPresetName } from './credential/presets.ts'
export { signAws, type AwsKey } from './credential/sigv4.ts'
export {
  CREDENTIAL_TYPES,
  expiryOf,
  graceOf,
  hasEnded,
  isDue,
  judgeLifetime,
  LIFETIMES,
  whyStale,
  type CredentialType,
} from './credential/ttl.ts'
export { absolutePath, argumentFacts } from './action/facts.ts'
export { NO_LINKS, withWritten, type Disk } from './action/path-arguments.ts'

export { isServerAlias, isToolName, nameSkeleton, toolId } from './action/name.ts'
export { launchDigest, pinDigest, type LaunchSpec } from './action/pin.ts'
export {
  CREDENTIAL_SECONDS,
  issueCredential,
  verifyCredential,
  type CredentialClaims,
  type CredentialVerdict,
} from './identity/credential.ts'
export { formatAgentKey, hashAgentKey, isAgentKey } from './identity/agent-key.ts'
export { agentName } from './identity/agent-name.ts'
export { FOUNDER_ROLES, isPersonRole, PERSON_ROLES, personScopes, type PersonRole } from './identity/person-roles.ts'
export { grantScopes, OPERATIONS, permits, ROLES, SCOPES, type Role, type ScopeVerdict } from './identity/scope.ts'
export {
  callDigest,
  decisionDigest,
  operatorDecisionDigest,
  operatorDigest,
  type OperatorDecision,
  viewDigest,
  type DecisionSubject,
} from './approval/digests.ts'
export { escapeText, unescapeText } from './approval/escape.ts'
export { severityRank, whyClassIsTooWeak, whyMayNotApprove, type Ineligible } from './approval/eligible.ts'
export { grantTerms, MAX_GRANT_MS, VALUE_GRANT_MS, whyGrantDoesNotCover, type Grant } from './approval/grant.ts'
export { checkProofs, type ProofChecker, type ProofResult } from './approval/proofs.ts'
export { humans, isOpen, OPEN_STATES, reduceApproval, type ApprovalEvent, type Reduction } from './approval/reduce.ts'
export { foldedRows, renderView, type RenderOptions } from './approval/render.ts'
export {
  approvalView,
  labelNumbers,
  operatorView,
  VIEW_VERSION,
  type ApprovalView,
  type ViewInput,
  type ViewRow,
  type ViewSection,
} from './approval/view.ts'
export { targetOf, wishOf } from './approval/sentence.ts'
export { skeleton, warningsFor } from './approval/warnings.ts'
export { whyCapabilityIsTooWide, type CapabilityAsk } from './capability/scope.ts'
export {
  CAPABILITY_MS,
  namesKey,
  signToken,
  tokenKey,
  verifyToken,
  type TokenClaims,
  type TokenKey,
  type TokenResult,
} from './capability/token.ts'
export {
  DECISION_META,
  errorMessage,
  notificationMessage,
  OUR_META,
  refusalMessage,
  requestMessage,
  resultMessage,
  rpcCode,
  sentence,
} from './mcp/answers.ts'
export {
  claimsEnvelope,
  META_CLIENT_CAPABILITIES,
  META_CLIENT_INFO,
  META_LOG_LEVEL,
  META_SERVER_INFO,
  META_SUBSCRIPTION,
  META_VERSION,
  MISSING_CAPABILITY,
  readEnvelope,
  UNSUPPORTED_VERSION,
  type Envelope,
} from './mcp/envelope.ts'
export { LineFramer, type Frame } from './mcp/framing.ts'
export { checkHeaders, checkParamHeaders, headersFor, type HeaderLookup } from './mcp/headers.ts'
export {
  idKey,
  readMessage,
  readMessageBytes,
  type RpcId,
  type RpcInvalid,
  type RpcMessage,
  type RpcNotification,
  type RpcRequest,
  type RpcResponse,
} from './mcp/message.ts'
export {
  inEra,
  methodRule,
  METHODS,
  pseudoMethod,
  pseudoTool,
  type Disposition,
  type MethodRule,
} from './mcp/methods.ts'
export { joinCall, metaOf, splitCall, stripOurMeta, withMeta, type MetaFilter, type SplitCall } from './mcp/params.ts'
export type { ListedTool, OpenOptions, ServerAnswer, ServerFacts, ServerMessages } from './mcp/peer.ts'
export { entrySpans, memberSpans, memberText, withMember, withoutMembers } from './mcp/spans.ts'
export {
  ALL_VERSIONS,
  eraOf,
  LATEST_LEGACY,
  LATEST_MODERN,
  LEGACY_VERSIONS,
  MODERN_VERSIONS,
  negotiate,
  type Era,
  type ProtocolVersion,
} from './mcp/versions.ts'
export { chainHash, GENESIS } from './audit/chain.ts'
export {
  EMPTY_ROOT,
  Frontier,
  leafHash,
  nodeHash,
  perfectRoot,
  recordLeaf,
  TILE_WIDTH,
  TileTree,
  treeRoot,
  type FullTile,
  type Hash,
} from './audit/tree.ts'
export {
  consistencyProof,
  inclusionProof,
  rangeRoot,
  verifyConsistency,
  verifyInclusion,
  type TileReader,
} from './audit/proof.ts'
export { formatNote, parseNote, type NoteSignature, type SignedNote } from './audit/note.ts'
export {
  createCheckpointSigner,
  fromHex,
  noteKeyId,
  parseCheckpointText,
  rawPublicKey,
  toHex,
  verifierKey,
  verifyCheckpoint,
  type CheckedHead,
  type CheckpointFault,
  type CheckpointSigner,
  type Head,
} from './audit/checkpoint.ts'
export {
  actionModel,
  cedarSchema,
  groupIds,
  PRINCIPAL_TYPES,
  type ActionModel,
  type PrincipalType,
  type ToolForPolicy,
} from './policy/actions.ts'
export { readAnnotations, type PolicyKind, type PolicyMeta } from './policy/annotations.ts'
export {
  buildBundle,
  type Bucket,
  type BundleInput,
  type ForeignAnswer,
  type ForeignEngine,
  type PolicyBundle,
} from './policy/bundle.ts'
export { lintPolicies, type LintFinding } from './policy/lint.ts'
export { mergeDemands, type Matches } from './policy/combine.ts'
export type { CompiledPolicy, PolicySource } from './policy/compile.ts'
export { diffPolicies, isEmptyDiff, wideningReasons, type DiffPolicy, type PolicyDiff } from './policy/diff.ts'
export {
  POLICY_DOCUMENT_SCHEMA,
  POLICY_TEST_SCHEMA,
  type PolicyDocument,
  type PolicyTest,
  type PolicyTestFile,
  type TestTool,
} from './policy/document.ts'
export { documentToCedar, type DocumentProblem, type GeneratedPolicy } from './policy/document-to-cedar.ts'
export { actionsNamed, principalTypesNamed, type EstPolicy } from './policy/est.ts'
export { evaluate, match, toCedarRequest, type CedarRequest } from './policy/evaluate.ts'
export { explain, type Explanation, type PolicyTrace } from './policy/explain.ts'
export { collectPools, generateRequest, seeded, type Pools, type Rng } from './policy/generate.ts'
export {
  GROUP_ALL,
  GROUP_UNCLASSIFIED,
  groupRisk,
  PROFILES,
  refusalRisk,
  specifiedTool,
  TOOL_GROUPS,
} from './policy/groups.ts'
export { possible } from './policy/possible.ts'
export { protectedClasses, type ProtectedClass } from './policy/protected.ts'
export { contextOf, NO_FACTS, type ContextOverrides } from './policy/sample.ts'
export { nearest } from './policy/suggest.ts'
export { textLiteral } from './policy/cedar-text.ts'
export { narrowestAllow, narrowestDeny, type Narrowest } from './policy/rule-draft.ts'
export {
  denyFile,
  exceptionClause,
  otherArguments,
  testFileOf,
  withClause,
  type ExpectedCall,
} from './policy/rule-edit.ts'
export { comparePolicyVersions, parsePolicyVersion } from './policy/version.ts'
export { RECORD_SCHEMA, recordFault } from './audit/schema.ts'
export { createOrphanTracker, type Orphan, type OrphanTracker } from './audit/orphans.ts'
export type { FindingKind, LogFinding } from './audit/finding.ts'
export { verifyStream, type ExternalHead, type VerifyInput, type VerifyReport } from './audit/verify.ts'
export { jsonLine, recordView } from './audit/lines.ts'
export { toOcsf } from './audit/ocsf.ts'
export { addressFacts, inBlock, type AddressFacts } from './net/address.ts'
export type { AddressClass } from './net/special-blocks.ts'
export { LONGEST_HELLO, readOpening } from './net/client-hello.ts'
export { networkOf } from './net/network-of.ts'
export { readUrl, type StrictUrl, type UrlFault, type UrlReading } from './net/url.ts'
export {
  addressRefusal,
  judgeAnswers,
  judgeHop,
  STRICT_GUARD,
  type HopVerdict,
  type RefusalReason,
  type UrlGuard,
} from './net/url-guard.ts'
export { readRequestHeaders } from './web/request-headers.ts'
export { readRedirect, readRequestUrl, type RequestUrl, type RequestUrlFault } from './web/request-url.ts'
export { judgeUrl, tableHost, type ChainInput, type UrlVerdict } from './net/url-chain.ts'
export { GATE_TABLE, gatePolicy, isLooserGate, reaches, type GatePolicy } from './detect/gate-table.ts'
export { pathFacts, type PathFacts, type PathInput, type PathPlace } from './detect/path/facts.ts'
export { judgePath, type PathAnswer, type PathMode, type PathVerdict } from './detect/path/judge-path.ts'
export { lexical, linkTable, walkPath, type LinkAnswer, type LinkPort, type Walk } from './detect/path/walk.ts'
export { urlFacts, type UrlFacts } from './net/url-facts.ts'
export { registrableDomain, sinkIdentity, type SinkBasis, type SinkIdentity } from './net/sink.ts'
export { sinksIn, type LeafSinks, type Sink, type SinkHints } from './net/sinks-in.ts'
export { readAddressList, type AddressIssue, type AddressList, type Mailbox } from './net/address-list.ts'
export { sameDestination } from './net/destination.ts'
export { looksLike, type Likeness } from './net/looks-like.ts'
export { near } from './net/near.ts'
export { fold } from './detect/text/fold.ts'
export { decodedSegments, type Decoded } from './detect/text/decode.ts'
export { DECODE_LIMITS, type DecodeLimits } from './detect/text/limits.ts'
export type { DecodedSegment, TextSignals, TextView } from './detect/text/view.ts'
export {
  createInjectionDetector,
  type InjectionChannel,
  type InjectionDetector,
  type InjectionReport,
} from './detect/injection/detector.ts'
export { readInjectionModel, type InjectionModel } from './detect/injection/model.ts'
export { INJECTION_CATEGORIES, type InjectionCategory, type InjectionRule } from './detect/injection/rule.ts'
export { INJECTION_RULES } from './detect/injection/rules.ts'
export type { InjectionVerdict } from './detect/injection/verdict.ts'
export type { Finding } from './detect/finding.ts'
export {
  promoteTrust,
  requireTrusted,
  requireUntrusted,
  TrustedContent,
  UntrustedContent,
  wrapUntrusted,
  type Promotion,
} from './detect/untrusted/content.ts'
export { defuseMarkers, envelop, unenvelop, type Envelope as UntrustedEnvelope } from './detect/untrusted/markers.ts'
export {
  findSecrets,
  mayHoldSecret,
  type FindOptions,
  type SecretMatch,
  type SecretScope,
} from './detect/secrets/find.ts'
export { judgeKey, type KeyVerdict } from './detect/secrets/key-names.ts'
export { isNamedSecret } from './detect/secrets/keyed.ts'
export { createKnownSecrets, fingerprintOf, type KnownSecret, type KnownSecrets } from './detect/secrets/known.ts'
export {
  PLACEHOLDER,
  redact,
  redactText,
  type Redacted,
  type RedactedText,
  type RedactOptions,
  type RedactTextOptions,
} from './detect/secrets/redact.ts'
export type { SecretStream } from './detect/secrets/cutter.ts'
export { createSecretStream, type Wire } from './detect/secrets/stream.ts'
export {
  PACK_FORMAT,
  RULE_CATEGORIES,
  type PackKey,
  type PackRule,
  type RuleCategory,
  type RulePack,
} from './detect/rules/pack.ts'
// `verify-pack` has an entry of its own: it brings an engine for patterns along
export type { CompiledRule, PackVerdict, VerifiedPack } from './detect/rules/verify-pack.ts'
export {
  isExpired,
  SUPPRESSION_RULE,
  SUPPRESSION_SCOPE,
  suppressionFor,
  type FindingPlace,
  type Suppression,
} from './detect/rules/suppression.ts'
export { RELEASE_KEYS } from './detect/rules/release-keys.ts'
export {
  analyseCommand,
  argvFacts,
  commandFacts,
  DEFAULT_COMMAND_POLICY,
  type AnalyseOptions,
} from './detect/command/analyse.ts'
export { COMMAND_EFFECTS, type CommandVerdict, type Effect as CommandEffect } from './detect/command/effects.ts'
export type { CommandFacts, Evidence } from './detect/command/facts.ts'
export { judgeCommand, type CommandJudgement, type EffectOverrides } from './detect/command/judge.ts'
export type { CarriedCode, CommandPolicy } from './detect/command/scene.ts'
export type {
  Assignment as ShellAssignment,
  Command as ShellCommand,
  OpaqueReason,
  Parsed as ParsedShell,
  ParseShell,
  Part as ShellPart,
  Redirect as ShellRedirect,
  Script as ShellScript,
  Word as ShellWord,
} from './detect/command/syntax.ts'
export { bindArgument, type BoundArgument } from './detect/command/bind.ts'
export {
  METACHARACTERS,
  metacharactersIn,
  quoteForShell,
  sanitiseArgument,
  type SanitisationMode,
  type Sanitised,
} from './detect/command/metacharacters.ts'
export { sanitisationAlert, type SanitisationAlert } from './detect/command/alert.ts'

export {
  decideEgress,
  insideOf,
  authorityText,
  placeText,
  parseHostRule,
  readEgressTarget,
  type EgressRefusal,
  hostMatches,
  type EgressRules,
  type EgressTarget,
  type HostRule,
  type InnerException,
} from './egress/hosts.ts'
export { EGRESS_PRESETS, type EgressPreset } from './egress/presets.ts'
export {
  mayBeMember,
  queryMembers,
  type GraphqlOperation,
  type McpMessage,
  type RequestFacts,
  type RequestShape,
} from './egress/requests.ts'
export {
  egressRuleOf,
  judgeRequest,
  lookingInto,
  needBody,
  rulesOf,
  type EgressRule,
  type EgressRuleText,
  type RequestRefusal,
} from './egress/rules.ts'
export { changesOf, isSame, type Change, type ChangeKind, type Entry, type Tree } from './sandbox/copy/changes.ts'
export { addedText, LANDING_PLACE, landingRefusals, type LandingRefusal } from './sandbox/copy/landing.ts'
export { CHANGED_LATER, GIT_FILES } from './sandbox/copy/obeyed.ts'
export { isPlainGitConfig } from './sandbox/git-config.ts'
export { compileSeccomp } from './sandbox/seccomp/compile.ts'
export { syscallNumbers, type Architecture } from './sandbox/seccomp/numbers.ts'
export {
  learningProfile,
  parseSeccompProfile,
  withoutOwnGroup,
  type SeccompProfile,
} from './sandbox/seccomp/profile.ts'
export {
  parseSandboxProfile,
  requirePassable,
  SANDBOX_PROFILES,
  type SandboxLimits,
  type SandboxNetwork,
  type SandboxProfile,
  type WorkspaceAccess,
  withHosts,
} from './sandbox/profile.ts'
export { ScreenFilter } from './terminal/screen.ts'
export { TypedReader, type Entered } from './terminal/typed.ts'
export {
  CONFIDENTIALITY_WORDS,
  facetsOf,
  INTEGRITY_WORDS,
  LOG_FIELDS,
  type Facets,
  type LogField,
} from './audit/search/facets.ts'
export {
  EVERYTHING,
  formatLogSearch,
  matchesLogSearch,
  termValues,
  type LogSearch,
  type LogTerm,
  type LogWords,
} from './audit/search/query.ts'
export {
  objectOf,
  sentenceOf,
  shorten,
  valueAt,
  originsOf,
  type RecordedOrigin,
  type Segment,
  type Sentence,
} from './story/sentence.ts'
export { callsOf, type CallState, type Carried, type StoryCall, type StoryRecord } from './story/calls.ts'
export {
  labelWords,
  storyOf,
  type Story,
  type StoryAction,
  type StoryColumn,
  type StoryFold,
  type StoryOptions,
  type StoryRead,
  type StoryThread,
} from './story/story.ts'
export { chosenThreads, DRAWN_THREADS, layoutStory, STORY_SIZES, type StoryLayout } from './story/layout.ts'
export {
  alertRank,
  alertSeverity,
  ALERT_SEVERITIES,
  type Alert,
  type AlertEvent,
  type AlertSeverity,
  type AlertState,
  type ChannelState,
  type Signal,
} from './alerts/alert.ts'
export { clip } from './alerts/clip.ts'
export { digestSignal, type DigestCount, type DigestFacts } from './alerts/digest.ts'
export { plainSignal, signalsOf, type SignalRules } from './alerts/signals.ts'
export { Windows, WINDOW_RULES, type WindowRule } from './alerts/windows.ts'
export { Habits, placeOf, type Hours } from './alerts/habits.ts'
export { isLive, isNotice, sinksFor, type Route as AlertRoute, type SinkType } from './alerts/routing.ts'
export { LONGEST_SILENCE, silenceOf, silences, type Silence, type SilenceMatcher } from './alerts/silence.ts'
export { backoff } from './alerts/backoff.ts'
export { again, alertKey, delivered, merged, noted, noticed, opened, resolved, taken } from './alerts/group.ts'
export { noticeJson, noticeOf, type Notice, type NoticeAlert } from './alerts/notice.ts'
export { slackMessage, slackText } from './alerts/encode-slack.ts'
export { syslogLine, type Facility } from './alerts/encode-syslog.ts'
export { mailText, type MailText } from './alerts/encode-mail.ts'
export { ocsfFinding } from './alerts/encode-ocsf.ts'
export { HEALTH_CAP, HEALTH_COST, healthScore, type HealthScore } from './health/score.ts'
export { addSpreads, countOf, quantile, withValue, type Spread } from './health/spread.ts'
export { BYPASSES, bindingFindings, reachOf, type BindingFacts, type Listener, type Reach } from './posture/binding.ts'
export {
  auditExit,
  inOrder,
  POSTURE_SEVERITIES,
  summaryOf,
  type PostureFinding,
  type PostureFix,
  type Thresholds,
  type PostureSeverity,
  type PostureSummary,
} from './posture/finding.ts'
export {
  acceptedBy,
  fingerprintOf as postureFingerprint,
  parsePostureBaseline,
  type PostureBaseline,
  type BaselineEntry as PostureBaselineEntry,
} from './posture/baseline.ts'
export { readPolicies, type PolicyPosture } from './posture/policy.ts'
export { globMatches } from './egress/glob.ts'
export { csvCells, csvLine, CSV_HEADER } from './audit/csv.ts'
export { parseLogSearch } from './audit/search/parse.ts'
