const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/))

/** Names that impostors imitate, and their honest neighbours. Not a list of what is allowed. */
export const POPULAR_NPM = words(`
  react react-dom preact redux react-redux react-router react-router-dom next nuxt vue vuex svelte angular lodash lodash-es lodash.merge underscore ramda
  express koa fastify hapi connect cors helmet morgan body-parser cookie-parser multer axios node-fetch got request superagent undici ky needle
  chalk colors kleur picocolors ansi-styles ora commander yargs minimist inquirer prompts enquirer dotenv dotenv-expand cross-env cross-spawn execa
  simple-get shelljs rimraf mkdirp glob fast-glob minimatch micromatch chokidar fs-extra graceful-fs semver uuid nanoid moment moment-timezone dayjs date-fns luxon
  eclint jslint tslint jshint eslint_d
  webpack webpack-cli rollup vite esbuild parcel babel-core babel-loader babel-cli typescript ts-node tsx tslib eslint eslint-plugin-react prettier stylelint
  jest mocha chai sinon vitest cypress playwright playwright-core puppeteer puppeteer-core selenium-webdriver nodemon pm2 concurrently husky lint-staged
  mongoose mongodb mysql mysql2 pg sqlite3 better-sqlite3 redis ioredis knex sequelize typeorm prisma drizzle-orm kysely bcrypt bcryptjs jsonwebtoken
  passport socket.io socket.io-client ws graphql apollo-server apollo-client zod yup joi ajv ajv-formats validator class-validator
  aws-sdk firebase firebase-admin googleapis stripe twilio nodemailer openai anthropic langchain ai cheerio jsdom marked markdown-it highlight.js
  jquery bootstrap tailwindcss postcss autoprefixer sass node-sass less styled-components emotion classnames clsx framer-motion three d3 chart.js
  electron electron-builder ethers web3 bitcoinjs-lib bip39 discord.js telegraf node-telegram-bot-api slack-bolt octokit simple-git
  async bluebird rxjs eventemitter3 debug winston pino bunyan log4js yaml js-yaml json5 toml xml2js fast-xml-parser csv-parse papaparse
  sharp jimp canvas pdfkit pdf-lib pdf-parse exceljs xlsx archiver adm-zip yauzl tar unzipper formidable busboy qs query-string url-parse
  event-stream flatmap-stream ua-parser-js coa rc node-ipc faker left-pad is-odd is-even colorette string-width strip-ansi wrap-ansi supports-color
  mime mime-types accepts bytes content-type depd destroy encodeurl escape-html etag finalhandler fresh http-errors methods on-finished parseurl
  crypto-js node-forge elliptic tweetnacl argon2 helmet-csp express-session express-validator serve http-server live-server json-server
  zustand jotai recoil mobx immer swr react-query vue-router pinia inversify reflect-metadata hono elysia nx lerna turbo changesets npm pnpm yarn corepack
  resend nunjucks handlebars ejs pug mustache puppeteer-extra cron node-cron bull bullmq agenda p-limit p-queue p-retry p-map throat
`)

export const POPULAR_PYPI = words(`
  requests urllib3 httpx aiohttp certifi idna charset-normalizer chardet numpy pandas scipy matplotlib seaborn plotly scikit-learn sklearn tensorflow keras
  torch torchvision transformers tokenizers datasets huggingface-hub accelerate diffusers openai anthropic langchain langchain-core llama-index tiktoken
  flask django fastapi starlette uvicorn gunicorn werkzeug jinja2 markupsafe itsdangerous click typer rich colorama tqdm pydantic pydantic-core attrs
  sqlalchemy alembic psycopg2 psycopg2-binary pymysql pymongo redis celery kombu boto3 botocore s3transfer awscli google-cloud-storage google-auth
  google-api-python-client azure-core azure-storage-blob azure-identity pyyaml toml tomli ruamel.yaml python-dotenv python-dateutil pytz tzdata six
  setuptools wheel pip virtualenv poetry pipenv build twine packaging pytest pytest-cov coverage tox nox black flake8 pylint mypy isort ruff bandit
  beautifulsoup4 bs4 lxml html5lib scrapy selenium playwright pillow opencv-python imageio moviepy pypdf pypdf2 pdfplumber reportlab python-docx openpyxl
  xlrd xlsxwriter paramiko cryptography pycryptodome pyopenssl pyjwt passlib bcrypt keyring simplejson ujson orjson msgpack protobuf grpcio
  jupyter notebook ipython ipykernel nltk spacy gensim networkx sympy statsmodels xgboost lightgbm catboost gradio streamlit dash
  discord.py python-telegram-bot slack-sdk tweepy stripe twilio sendgrid web3 eth-account ccxt yfinance psutil pexpect ptyprocess watchdog
  jellyfish pyperclip pynput pyautogui loguru structlog sentry-sdk prometheus-client ansible fabric docker kubernetes jsonschema tabulate regex
  joblib dill cloudpickle numba cython pyarrow polars dask fsspec s3fs httptools websockets websocket-client python-multipart email-validator
`)

/** Scopes and names of MCP servers and tools that configurations name. */
export const POPULAR_MCP = words(`
  @modelcontextprotocol/server-filesystem @modelcontextprotocol/server-github @modelcontextprotocol/server-memory @modelcontextprotocol/server-postgres
  @modelcontextprotocol/server-slack @modelcontextprotocol/server-puppeteer @modelcontextprotocol/server-everything @modelcontextprotocol/server-sequential-thinking
  @modelcontextprotocol/server-brave-search @modelcontextprotocol/server-gitlab @modelcontextprotocol/server-google-maps @modelcontextprotocol/server-gdrive
  @modelcontextprotocol/server-redis @modelcontextprotocol/server-everart @modelcontextprotocol/inspector @modelcontextprotocol/sdk @playwright/mcp
  @upstash/context7-mcp @notionhq/notion-mcp-server @supabase/mcp-server-supabase @stripe/mcp @sentry/mcp-server @anthropic-ai/claude-code @openai/codex
  @google/gemini-cli @azure/mcp @cloudflare/mcp-server-cloudflare @browserbasehq/mcp figma-developer-mcp firecrawl-mcp tavily-mcp exa-mcp-server mcp-remote
  mcp-server-git mcp-server-fetch mcp-server-time mcp-server-sqlite chrome-devtools-mcp supergateway
`)

/** Words that names of tools are made of; a digit or a swapped letter in one of them is no accident. */
export const TOOL_WORDS = words(`
  read write file files list search send email mail message messages create delete update get set fetch query execute command shell bash issue issues
  pull request commit push repository repo branch database table tables calendar event events document documents folder directory move copy upload
  download browser navigate click screenshot page pages weather translate summarize calculate memory store recall notion slack github gitlab google
  drive jira linear stripe payment invoice customer order user users account login token secret config settings deploy build test run code edit
  terminal process server client channel post reply thread comment review approve merge image video audio text convert format parse validate
  filesystem postgres sqlite redis docker kubernetes terraform amazon azure cloud storage bucket object lambda function queue topic
`)
