import Database from 'better-sqlite3'
import { join } from 'node:path'
import { storeContract } from './contract.ts'
import { makeDirectory } from './temporary.ts'

storeContract('SQLite', async () => {
  const path = join(makeDirectory(), 'state.db')
  return {
    config: { driver: 'sqlite', path },
    async sql(text) {
      const db = new Database(path)
      db.exec(text)
      db.close()
    },
  }
})
