import Database from 'better-sqlite3'
import { join } from 'node:path'
import { storeContract, type Place } from './contract.ts'
import { searchContract } from './search-contract.ts'
import { makeDirectory } from './temporary.ts'

const place = async (): Promise<Place> => {
  const path = join(makeDirectory(), 'state.db')
  return {
    config: { driver: 'sqlite', path },
    async sql(text) {
      const db = new Database(path)
      db.exec(text)
      db.close()
    },
  }
}

storeContract('SQLite', place)
searchContract('SQLite', place)
