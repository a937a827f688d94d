import type { ScanDeps } from '../../assurance/scan/skill/deps.ts'
import { createScanDeps } from '../../assurance/admission/scan/deps.ts'
import { processorTime } from '../../clock.ts'

/** The detectors of the product, for a scan that runs with nothing else started. */
export const scanDeps = (): Promise<ScanDeps> => createScanDeps(processorTime)
