#!/usr/bin/env node
// Signs a rule pack: node scripts/sign-rules.mjs PACK.json KEY.pem > SIGNED.json
// A key: openssl genpkey -algorithm ed25519 -out KEY.pem. It never belongs into the repository.
import { createPrivateKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { signPack } from '@sallyport/core/detect/rules/verify-pack'

const [pack, key] = process.argv.slice(2)
if (key === undefined) {
  console.error('usage: node scripts/sign-rules.mjs PACK.json KEY.pem')
  process.exit(2)
}
const { signature: _, ...body } = JSON.parse(readFileSync(pack, 'utf8'))
console.log(JSON.stringify(signPack(body, createPrivateKey(readFileSync(key))), null, 2))
