/**
 * Hosts that many accounts share, and where in a URL the account stands (T-101). Hosts: exact, or `.suffix` for what is
 * below it. Paths: segments, `{}` taken into the tenant, `*` any; the first template whose segments all match counts, a
 * longer path does. `?name` takes a query parameter. A host without a matching template has its whole path as tenant.
 */
export interface SharedService {
  readonly service: string
  readonly hosts: readonly string[]
  readonly paths: readonly string[]
  /** Account names differ by more than case. */
  readonly exactCase?: true
  /** The account is in the credential, not in the URL (T-115). */
  readonly byCredential?: true
  /** Anybody may upload without an account, or fetch what was. */
  readonly anonymous?: true
}

interface Flags {
  readonly exactCase?: true
  readonly byCredential?: true
  readonly anonymous?: true
}
const row = (service: string, hosts: string, paths: string, flags: Flags = {}): SharedService => ({
  service,
  hosts: hosts.split(' '),
  paths: paths === '' ? [] : paths.split(' '),
  ...flags,
})
const EXACT: Flags = { exactCase: true }
const CREDENTIAL: Flags = { byCredential: true }
const ANONYMOUS: Flags = { exactCase: true, anonymous: true }

export const SHARED_SERVICES: readonly SharedService[] = [
  // messages and webhooks
  row('slack', 'hooks.slack.com', '/services/{} /workflows/{} /triggers/{}', EXACT),
  row('slack', 'slack.com files.slack.com', '', CREDENTIAL),
  row(
    'discord',
    'discord.com discordapp.com ptb.discord.com canary.discord.com',
    '/api/webhooks/{} /api/*/webhooks/{} /channels/{} /invite/{}',
  ),
  row('telegram', 'api.telegram.org', '/{} /file/{}', EXACT),
  row('teams', 'outlook.office.com outlook.office365.com .webhook.office.com', '/webhook/{} /webhookb2/{}'),
  row('google-chat', 'chat.googleapis.com', '/*/spaces/{}', EXACT),
  row('mattermost', '.cloud.mattermost.com', '/hooks/{}'),
  row('zapier', 'hooks.zapier.com', '/hooks/catch/{} /hooks/standard/{}'),
  row('ifttt', 'maker.ifttt.com', '/trigger/*/with/key/{} /trigger/*/json/with/key/{} /use/{}', EXACT),
  row('make', '.make.com .integromat.com', '/{}', EXACT),
  row('webhook.site', 'webhook.site', '/token/{} /{}'),
  row(
    'request-catchers',
    'requestbin.com requestbin.net ptsv2.com ptsv3.com beeceptor.com requestcatcher.com httpdump.app',
    '/{} /t/{}',
    ANONYMOUS,
  ),
  row('pushover', 'api.pushover.net ntfy.sh gotify.net api.pushbullet.com', '/{}', ANONYMOUS),
  row('twilio', 'api.twilio.com', '/*/Accounts/{}', EXACT),
  row('mailgun', 'api.mailgun.net api.eu.mailgun.net', '/*/{}'),
  row('airtable', 'hooks.airtable.com', '/workflows/*/genericWebhook/{}', EXACT),
  row('airtable', 'api.airtable.com airtable.com', '/v0/{} /{}', EXACT),
  row('logic-apps', '.logic.azure.com', '/workflows/{}'),
  // storage
  row('s3', 's3.amazonaws.com s3-external-1.amazonaws.com', '/{}'),
  row('gcs', 'storage.googleapis.com', '/storage/v1/b/{} /upload/storage/v1/b/{} /download/storage/v1/b/{} /{}'),
  row('gcs', 'storage.cloud.google.com commondatastorage.googleapis.com', '/{}'),
  row('firebase', 'firebasestorage.googleapis.com', '/v0/b/{}'),
  row('firestore', 'firestore.googleapis.com pubsub.googleapis.com', '/*/projects/{}'),
  row('bigquery', 'bigquery.googleapis.com', '/bigquery/v2/projects/{} /upload/bigquery/v2/projects/{}'),
  row(
    'azure-storage',
    '.blob.core.windows.net .file.core.windows.net .queue.core.windows.net .table.core.windows.net',
    '/{}',
  ),
  row('r2', '.r2.cloudflarestorage.com', '/{}'),
  row('b2', '.backblazeb2.com', '/file/{} /b2api/*/{} /{}'),
  row('wasabi', '.wasabisys.com', '/{}'),
  row('dropbox', 'api.dropboxapi.com content.dropboxapi.com', '', CREDENTIAL),
  row(
    'dropbox',
    'www.dropbox.com dropbox.com dl.dropboxusercontent.com',
    '/s/{} /sh/{} /scl/fi/{} /scl/fo/{} /request/{} /{}/{}',
    EXACT,
  ),
  row('sharepoint', '.sharepoint.com', '/sites/{} /teams/{} /personal/{} /:*:/s/{} /:*:/g/{}'),
  row('onedrive', '1drv.ms onedrive.live.com', '/{}', EXACT),
  row('wetransfer', 'wetransfer.com we.tl', '/{}', EXACT),
  row(
    'uploads',
    'transfer.sh file.io 0x0.st catbox.moe files.catbox.moe litterbox.catbox.moe temp.sh bashupload.com oshi.at gofile.io anonfiles.com filebin.net uguu.se tmpfiles.org x0.at',
    '/{}',
    ANONYMOUS,
  ),
  row(
    'pastes',
    'pastebin.com paste.ee dpaste.com dpaste.org hastebin.com rentry.co rentry.org ix.io termbin.com paste.rs ghostbin.com privatebin.net controlc.com justpaste.it sprunge.us clbin.com paste.mozilla.org',
    '/raw/{} /p/{} /{}',
    ANONYMOUS,
  ),
  // source
  row('github', 'github.com', '/orgs/{} /sponsors/{} /{}/{} /{}'),
  row('github', 'api.github.com', '/repos/{}/{} /orgs/{} /users/{} /gists/{}'),
  row('github', 'uploads.github.com', '/repos/{}/{}'),
  row('github', 'raw.githubusercontent.com codeload.github.com', '/{}/{}'),
  row('gist', 'gist.github.com gist.githubusercontent.com', '/{}'),
  row('gitlab', 'gitlab.com', '/api/*/projects/{} /api/*/groups/{} /{}/{}'),
  row('bitbucket', 'bitbucket.org', '/{}/{}'),
  row('bitbucket', 'api.bitbucket.org', '/2.0/repositories/{}/{} /2.0/snippets/{}'),
  row('codeberg', 'codeberg.org gitea.com', '/api/v1/repos/{}/{} /{}/{}'),
  row('sourcehut', 'git.sr.ht hg.sr.ht paste.sr.ht lists.sr.ht', '/{}'),
  row('azure-devops', 'dev.azure.com', '/{}/{} /{}'),
  row(
    'hugging-face',
    'huggingface.co hf.co',
    '/datasets/{}/{} /spaces/{}/{} /api/models/{}/{} /api/datasets/{}/{} /{}/{}',
    EXACT,
  ),
  row('npm', 'registry.npmjs.org www.npmjs.com', '/package/{} /-/user/{} /{}'),
  row('pypi', 'upload.pypi.org', '', CREDENTIAL),
  row('pypi', 'pypi.org', '/project/{} /simple/{} /pypi/{}'),
  row('registries', 'ghcr.io quay.io registry-1.docker.io gcr.io', '/v2/{}'),
  row('docker-hub', 'hub.docker.com', '/r/{} /v2/repositories/{}'),
  row('sqs', '.sqs.amazonaws.com .queue.amazonaws.com', '/{}'),
  // documents and forms
  row('google-docs', 'docs.google.com', '/*/d/e/{} /*/d/{} /*/u/*/d/{}', EXACT),
  row('google-drive', 'drive.google.com', '/file/d/{} /drive/folders/{} /drive/u/*/folders/{} /open?id /uc?id', EXACT),
  row('google-script', 'script.google.com', '/macros/s/{} /macros/d/{} /a/macros/*/s/{} /a/*/macros/s/{}', EXACT),
  row('google-sheets', 'sheets.googleapis.com', '/*/spreadsheets/{}', EXACT),
  row(
    'google-api',
    'www.googleapis.com gmail.googleapis.com content.googleapis.com',
    '/calendar/v3/calendars/{} /upload/drive/*/files/{} /drive/*/files/{}',
    CREDENTIAL,
  ),
  row(
    'forms',
    'forms.gle forms.office.com form.jotform.com formspree.io getform.io formsubmit.co typeform.com tally.so api.web3forms.com',
    '/f/{} /r/{} /Pages/*?id /e/{} /{}',
    EXACT,
  ),
  row('notion', 'api.notion.com', '', CREDENTIAL),
  row('trello', 'trello.com api.trello.com', '/b/{} /c/{} /1/boards/{} /1/cards/{}', EXACT),
  row('figma', 'www.figma.com', '/file/{} /design/{} /board/{}', EXACT),
  row('calendars', 'calendly.com cal.com', '/{}'),
  row('meetings', 'zoom.us us02web.zoom.us meet.google.com teams.microsoft.com', '/j/{} /my/{} /l/*/{} /{}'),
  // people
  row('people', 'x.com twitter.com medium.com www.instagram.com www.facebook.com www.tiktok.com t.me wa.me', '/{}'),
  row('reddit', 'www.reddit.com reddit.com old.reddit.com', '/r/{} /user/{} /u/{}'),
  row('linkedin', 'www.linkedin.com', '/in/{} /company/{}'),
  row('youtube', 'www.youtube.com youtube.com youtu.be', '/channel/{} /c/{} /user/{} /watch?v /embed/{} /{}', EXACT),
  row(
    'payments',
    'paypal.me www.paypal.me cash.app venmo.com buy.stripe.com donate.stripe.com checkout.stripe.com ko-fi.com',
    '/{}',
    EXACT,
  ),
  // telemetry
  row('sentry', '.sentry.io', '/api/{}'),
  row(
    'telemetry',
    'www.google-analytics.com api.segment.io api2.amplitude.com http-intake.logs.datadoghq.com api.mixpanel.com app.posthog.com us.i.posthog.com',
    '',
    CREDENTIAL,
  ),
  // model and platform interfaces whose account is the key (T-115)
  row(
    'interfaces',
    'api.openai.com api.anthropic.com generativelanguage.googleapis.com api.mistral.ai api.cohere.com api.groq.com openrouter.ai api.stripe.com api.sendgrid.com api.linear.app graph.microsoft.com api.x.com api.hubapi.com api.cloudflare.com',
    '',
    CREDENTIAL,
  ),
  // short links: where they lead is anybody's choice
  row(
    'short-links',
    'bit.ly t.co tinyurl.com goo.gl is.gd v.gd ow.ly buff.ly rebrand.ly cutt.ly shorturl.at rb.gy t.ly s.id lnkd.in aka.ms',
    '/{}',
    EXACT,
  ),
]
