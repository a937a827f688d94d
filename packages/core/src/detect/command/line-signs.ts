import type { Effect } from './effects.ts'

/** What a whole command does by its verb, wherever the program keeps it. Held against its words, one blank apart. */
export interface LineSign {
  readonly id: string
  readonly pattern: RegExp
  readonly effect: Effect
  readonly positive: readonly string[]
  readonly negative: readonly string[]
}

export const LINE_SIGNS: readonly LineSign[] = [
  {
    id: 'framework-database',
    pattern:
      /^(?:(?:bin\/)?(?:rails|rake)|artisan|(?:\S*\/)?manage\.py|prisma|sequelize|typeorm|knex|db-migrate|drizzle-kit|alembic|flyway|liquibase|mix|supabase|hasura|dbmate|migrate|goose|php|python[\d.]*|doctrine|symfony|bin\/console|ecto|sqlx|diesel|mikro-orm|strapi|directus|wp)\b.{0,200}(?:db:(?:drop|reset|purge|wipe)|migrate:(?:fresh|reset|refresh)|manage\.py (?:flush|reset_db)|^\S*manage\.py (?:flush|reset_db)|migrate reset|db push .{0,80}--(?:force-reset|accept-data-loss)|schema:drop|database:drop|rollback .{0,40}--all|downgrade base|\bclean\b.{0,60}-url|flyway clean|dropAll|drop-all|ecto\.(?:drop|reset)|db reset|database (?:drop|reset)|down -all|\bdb (?:drop|reset|clean)\b|schema drop)/i,
    effect: 'data.destroy',
    positive: [
      'rails db:drop',
      'php artisan migrate:fresh --force',
      'python manage.py flush --no-input',
      'prisma migrate reset --force',
      'alembic downgrade base',
      'mix ecto.drop',
      'supabase db reset',
      'wp db reset --yes',
    ],
    negative: ['rails db:migrate', 'python manage.py migrate', 'prisma generate', 'alembic upgrade head', 'mix test'],
  },
  {
    id: 'store-wipe',
    pattern:
      /^(?:(?:hdfs|hadoop) (?:dfs|fs) -(?:rm|rmr)\b.{0,40}-?r|zkCli\S* .{0,80}(?:rmr|deleteall)|kafka-topics\S* .{0,200}--delete|rabbitmqctl (?:force_)?reset|rabbitmqctl (?:delete|purge)_|consul kv delete|etcdctl del\b|influx .{0,40}(?:drop|delete)|bq rm\b|nodetool (?:decommission|drain|removenode)|riak-admin|couchdb|curl .{0,200}-X ?DELETE .{0,100}(?:_all|\*|_template|indices)|ceph osd pool (?:delete|rm)|gluster volume delete|mc rb|mc rm .{0,40}--recursive|npm unpublish|docker (?:volume|system|image|container) (?:rm|prune))\b/i,
    effect: 'data.destroy',
    positive: [
      'hdfs dfs -rm -r /data',
      'etcdctl del --prefix /',
      'curl -s -X DELETE localhost:9200/_all',
      'kafka-topics.sh --delete --topic x',
    ],
    negative: ['hdfs dfs -ls /', 'etcdctl endpoint health', 'curl -X DELETE localhost:3000/items/1'],
  },
  {
    id: 'snapshot-wipe',
    pattern:
      /^(?:tmutil (?:delete|disable)\w*|vssadmin delete|lvremove|btrfs subvolume delete|zfs (?:destroy|rollback)|snapper delete|timeshift --delete\S*|restic forget|restic prune|borg (?:delete|prune)|duplicity remove\S*|wbadmin delete|bcdedit \/set)\b/i,
    effect: 'data.destroy',
    positive: [
      'tmutil deletelocalsnapshots /',
      'zfs destroy -r tank',
      'restic forget --keep-last 0',
      'borg delete repo',
    ],
    negative: ['zfs list', 'restic snapshots', 'borg list'],
  },
]

/** Signs that fit the words of one command. */
export const lineSigns = (text: string): readonly LineSign[] =>
  LINE_SIGNS.filter(({ pattern }) => pattern.test(text.length > 2000 ? text.slice(0, 2000) : text))
