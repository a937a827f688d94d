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
  type ArgRole,
  type Effect,
  type RegisteredTool,
  type ToolAnnotation,
  type ToolDefinition,
} from './action/tool.ts'
export type { ApprovalDemand, Decision, Outcome, Severity } from './policy/decision.ts'
export type { ArgumentFacts, PolicyContext, PolicyRequest } from './policy/request.ts'
export { effectOf } from './action/effect.ts'
export { argumentLeaves, type ArgumentScalar } from './action/leaves.ts'

export { FlowMemory } from './flow/memory.ts'
export { NO_FLOW, ORIGINS, type FlowAssessment, type FlowFacts, type LeafOrigin, type Origin } from './flow/facts.ts'
export { normalWords, placeKey } from './flow/normal.ts'
export type { TrailSource } from './flow/trail.ts'
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
export { absolutePath, argumentFacts } from './action/facts.ts'

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
export { grantScopes, OPERATIONS, permits, ROLES, SCOPES, type Role, type ScopeVerdict } from './identity/scope.ts'
export { callDigest, decisionDigest, operatorDigest, viewDigest, type DecisionSubject } from './approval/digests.ts'
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
export { comparePolicyVersions, parsePolicyVersion } from './policy/version.ts'
export { PLACEHOLDER, redact, redactText, type RedactOptions } from './detect/redact.ts'
export { findSecrets, mayHoldSecret, type SecretMatch, type SecretScope } from './detect/secrets.ts'
export { SECRET_FAMILIES } from './detect/families.ts'
export type { SecretFamily } from './detect/family.ts'
export { judgeKey, type KeyVerdict } from './detect/key-names.ts'
export { RECORD_SCHEMA, recordFault } from './audit/schema.ts'
export { createOrphanTracker, type Orphan, type OrphanTracker } from './audit/orphans.ts'
export type { FindingKind, LogFinding } from './audit/finding.ts'
export { verifyStream, type ExternalHead, type VerifyInput, type VerifyReport } from './audit/verify.ts'
export { jsonLine, recordView } from './audit/lines.ts'
export { toOcsf } from './audit/ocsf.ts'
