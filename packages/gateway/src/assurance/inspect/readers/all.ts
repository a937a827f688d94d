import type { Reader } from '../reader.ts'
import { EDITOR_SETTINGS, TASKS } from './editors.ts'
import { BARE_GIT, GIT_ATTRIBUTES, GIT_CONFIG, GIT_FILE, GIT_HOOKS, HOOK_TOOLS } from './git.ts'
import { INSTRUCTIONS } from './instructions.ts'
import { BUNFIG, CARGO_CONFIG, LOADED, NPMRC_FILE, PACKAGE_JSON, PTH, PYPROJECT, YARNRC_YML } from './packages.ts'
import { CLOUD, DEVCONTAINER, DIR_LOCALS, ENTRY_FILES, MISE } from './shells.ts'

export const READERS: readonly Reader[] = Object.freeze([
  INSTRUCTIONS,
  TASKS,
  EDITOR_SETTINGS,
  GIT_CONFIG,
  GIT_HOOKS,
  GIT_ATTRIBUTES,
  GIT_FILE,
  BARE_GIT,
  HOOK_TOOLS,
  PACKAGE_JSON,
  NPMRC_FILE,
  YARNRC_YML,
  LOADED,
  PTH,
  CARGO_CONFIG,
  BUNFIG,
  PYPROJECT,
  ENTRY_FILES,
  DIR_LOCALS,
  MISE,
  DEVCONTAINER,
  CLOUD,
])
