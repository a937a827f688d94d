export { pathFacts, type PathFacts, type PathInput, type PathPlace } from './path/facts.ts'
export { judgePath, type PathAnswer, type PathMode, type PathVerdict } from './path/judge-path.ts'
export { lexical, linkTable, walkPath, type LinkAnswer, type LinkPort, type Walk } from './path/walk.ts'
export { fold } from './text/fold.ts'
export { decodedSegments, type Decoded } from './text/decode.ts'
export { DECODE_LIMITS, type DecodeLimits } from './text/limits.ts'
export type { DecodedSegment, TextSignals, TextView } from './text/view.ts'
export {
  createInjectionDetector,
  type InjectionChannel,
  type InjectionDetector,
  type InjectionReport,
} from './injection/detector.ts'
export { readInjectionModel, type InjectionModel } from './injection/model.ts'
export { INJECTION_CATEGORIES, type InjectionCategory, type InjectionRule } from './injection/rule.ts'
export { INJECTION_RULES } from './injection/rules.ts'
export type { InjectionVerdict } from './injection/verdict.ts'
export type { Finding } from './finding.ts'
export {
  promoteTrust,
  requireTrusted,
  requireUntrusted,
  TrustedContent,
  UntrustedContent,
  wrapUntrusted,
  type Promotion,
} from './untrusted/content.ts'
export { defuseMarkers, envelop, unenvelop, type Envelope as UntrustedEnvelope } from './untrusted/markers.ts'
export { findSecrets, mayHoldSecret, type FindOptions, type SecretMatch, type SecretScope } from './secrets/find.ts'
export { judgeKey, type KeyVerdict } from './secrets/key-names.ts'
export { isNamedSecret } from './secrets/keyed.ts'
export { createKnownSecrets, fingerprintOf, type KnownSecret, type KnownSecrets } from './secrets/known.ts'
export {
  PLACEHOLDER,
  redact,
  redactText,
  type Redacted,
  type RedactedText,
  type RedactOptions,
  type RedactTextOptions,
} from './secrets/redact.ts'
export type { SecretStream } from './secrets/cutter.ts'
export { createSecretStream, type Wire } from './secrets/stream.ts'
export {
  PACK_FORMAT,
  RULE_CATEGORIES,
  type PackKey,
  type PackRule,
  type RuleCategory,
  type RulePack,
} from './rules/pack.ts'
// `verify-pack` has an entry of its own: it brings an engine for patterns along
export type { CompiledRule, PackVerdict, VerifiedPack } from './rules/verify-pack.ts'
export {
  isExpired,
  SUPPRESSION_RULE,
  SUPPRESSION_SCOPE,
  suppressionFor,
  type FindingPlace,
  type Suppression,
} from './rules/suppression.ts'
export { RELEASE_KEYS } from './rules/release-keys.ts'
export {
  analyseCommand,
  argvFacts,
  commandFacts,
  DEFAULT_COMMAND_POLICY,
  type AnalyseOptions,
} from './command/analyse.ts'
export { COMMAND_EFFECTS, type CommandVerdict, type Effect as CommandEffect } from './command/effects.ts'
export type { CommandFacts, Evidence } from './command/facts.ts'
export { judgeCommand, type CommandJudgement, type EffectOverrides } from './command/judge.ts'
export type { CommandPolicy } from './command/scene.ts'
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
} from './command/syntax.ts'
export { bindArgument, type BoundArgument } from './command/bind.ts'
export {
  METACHARACTERS,
  metacharactersIn,
  quoteForShell,
  sanitiseArgument,
  type SanitisationMode,
  type Sanitised,
} from './command/metacharacters.ts'
export { sanitisationAlert, type SanitisationAlert } from './command/alert.ts'
