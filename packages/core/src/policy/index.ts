export type { ApprovalDemand, Decision, Outcome, Severity } from './decision.ts'
export type { ArgumentFacts, PolicyContext, PolicyRequest } from './request.ts'
export {
  actionModel,
  cedarSchema,
  groupIds,
  PRINCIPAL_TYPES,
  type ActionModel,
  type PrincipalType,
  type ToolForPolicy,
} from './actions.ts'
export { readAnnotations, type PolicyKind, type PolicyMeta } from './annotations.ts'
export {
  buildBundle,
  type Bucket,
  type BundleInput,
  type ForeignAnswer,
  type ForeignEngine,
  type PolicyBundle,
} from './bundle.ts'
export { lintPolicies, type LintFinding } from './lint.ts'
export { mergeDemands, type Matches } from './combine.ts'
export type { CompiledPolicy, PolicySource } from './compile.ts'
export { diffPolicies, isEmptyDiff, wideningReasons, type DiffPolicy, type PolicyDiff } from './diff.ts'
export {
  POLICY_DOCUMENT_SCHEMA,
  POLICY_TEST_SCHEMA,
  type PolicyDocument,
  type PolicyTest,
  type PolicyTestFile,
  type TestTool,
} from './document.ts'
export { documentToCedar, type DocumentProblem, type GeneratedPolicy } from './document-to-cedar.ts'
export { actionsNamed, principalTypesNamed, type EstPolicy } from './est.ts'
export { evaluate, match, toCedarRequest, type CedarRequest } from './evaluate.ts'
export { explain, type Explanation, type PolicyTrace } from './explain.ts'
export { collectPools, generateRequest, seeded, type Pools, type Rng } from './generate.ts'
export {
  GROUP_ALL,
  GROUP_UNCLASSIFIED,
  groupRisk,
  PROFILES,
  refusalRisk,
  specifiedTool,
  TOOL_GROUPS,
} from './groups.ts'
export { possible } from './possible.ts'
export { protectedClasses, type ProtectedClass } from './protected.ts'
export { contextOf, NO_FACTS, type ContextOverrides } from './sample.ts'
export { nearest } from './suggest.ts'
export { narrowestAllow, narrowestDeny, type Narrowest } from './rule-draft.ts'
export { denyFile, exceptionClause, otherArguments, testFileOf, withClause, type ExpectedCall } from './rule-edit.ts'
export { comparePolicyVersions, parsePolicyVersion } from './version.ts'
