import type { BudgetPort } from './ports-budget.ts'
import type { CodePort } from './ports-code.ts'
import type { SkillUsePort } from './ports-skills.ts'
import type { SurfacePort } from './ports-surface.ts'
import type {
  AdmissionPort,
  ApprovalPort,
  CapabilityPort,
  Clock,
  ContentPort,
  EvidencePort,
  ExecutorPort,
  FlowPort,
  InspectPort,
  OncePort,
  PolicyPort,
  Random,
  RegistryPort,
} from './ports.ts'

/** What a crossing is done with; `crossing.ts` is the order in which. */
export interface CrossingPorts {
  readonly gateway: string
  readonly clock: Clock
  readonly random: Random
  readonly admission: AdmissionPort
  readonly registry: RegistryPort
  readonly surfaces: SurfacePort
  readonly content: ContentPort
  /** Absent: nothing that is written is looked at. */
  readonly code?: CodePort | undefined
  /** Absent: no skill is known. */
  readonly skills?: SkillUsePort | undefined
  readonly flow: FlowPort
  readonly policy: PolicyPort
  readonly approvals: ApprovalPort
  readonly evidence: EvidencePort
  readonly capability: CapabilityPort
  readonly executor: ExecutorPort
  readonly once: OncePort
  readonly inspector: InspectPort
  /** Absent: nothing costs anything. */
  readonly budgets?: BudgetPort | undefined
  readonly limits: { readonly argumentBytes: number; readonly depth: number }
}
