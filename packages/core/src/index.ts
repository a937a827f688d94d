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
export {
  CLEAN,
  isTainted,
  joinLabels,
  LOST,
  type Confidentiality,
  type Integrity,
  type Label,
} from './flow/label.ts'
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
export { argumentLeaves, type ArgumentLeaf } from './action/leaves.ts'
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
