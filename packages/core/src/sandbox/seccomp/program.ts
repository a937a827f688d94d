/** One instruction of classic BPF (`struct sock_filter`); jumps name labels until the program is assembled. */
export type Instruction =
  | { readonly op: 'load'; readonly offset: number }
  | { readonly op: 'and'; readonly value: number }
  | {
      readonly op: 'jump'
      readonly if: 'eq' | 'ge' | 'gt'
      readonly value: number
      readonly met: Label
      readonly unmet: Label
    }
  | { readonly op: 'return'; readonly value: number }
  | { readonly op: 'label'; readonly label: Label }

/** A place in a program; compared by identity. */
export interface Label {
  readonly name: string
}

/** Bytes of one instruction: u16 code, u8 jt, u8 jf, u32 k, little-endian as on both architectures. */
const SIZE = 8
/** BPF_MAXINSNS: what the kernel takes. */
const MOST = 4_096
const LD_W_ABS = 0x20
const ALU_AND_K = 0x54
const JMP_JA = 0x05
const JMP = { eq: 0x15, gt: 0x25, ge: 0x35 } as const
const RET_K = 0x06

/**
 * Assembles a program. A conditional jump of BPF reaches 255 instructions; every one is therefore written as a short jump over two
 * long ones, which costs a few instructions and never fails.
 * @throws RangeError when the kernel would not take it
 */
export function assemble(program: readonly Instruction[]): Uint8Array<ArrayBuffer> {
  const places = new Map<Label, number>()
  let length = 0
  for (const instruction of program) {
    if (instruction.op === 'label') places.set(instruction.label, length)
    else length += instruction.op === 'jump' ? 3 : 1
  }
  if (length > MOST) throw new RangeError(`${length} instructions are more than the kernel takes.`)
  const bytes = new Uint8Array(length * SIZE)
  const view = new DataView(bytes.buffer)
  let at = 0
  const put = (code: number, k: number, jt = 0, jf = 0): void => {
    view.setUint16(at * SIZE, code, true)
    view.setUint8(at * SIZE + 2, jt)
    view.setUint8(at * SIZE + 3, jf)
    view.setUint32(at * SIZE + 4, k >>> 0, true)
    at++
  }
  const far = (label: Label): void => {
    const place = places.get(label)
    // BPF jumps forward only
    if (place === undefined || place <= at) throw new RangeError(`No way to ${label.name}.`)
    put(JMP_JA, place - at - 1)
  }
  for (const instruction of program) {
    switch (instruction.op) {
      case 'label':
        break
      case 'load':
        put(LD_W_ABS, instruction.offset)
        break
      case 'and':
        put(ALU_AND_K, instruction.value)
        break
      case 'return':
        put(RET_K, instruction.value)
        break
      case 'jump':
        put(JMP[instruction.if], instruction.value, 0, 1)
        far(instruction.met)
        far(instruction.unmet)
    }
  }
  return bytes
}
