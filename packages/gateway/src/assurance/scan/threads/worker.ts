import { parentPort, workerData } from 'node:worker_threads'
import { processorTime } from '../../../clock.ts'
import { hereScanner, type FileAnswer, type FileOrder } from './file-scanner.ts'

/** The time of the process is that of all its threads. */
const share = workerData as number
const scanner = hereScanner(() => processorTime() / share)

const answerTo = (order: FileOrder): Promise<FileAnswer> =>
  order.as === 'program' ? scanner.program(order.file) : scanner.content(order.file)

parentPort?.on('message', (order: FileOrder) => {
  void answerTo(order).then((answer) => parentPort?.postMessage(answer))
})
