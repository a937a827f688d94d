-- What Supabase's documentation says of its extension `supabase_vault` (supabase.com/docs/guides/database/vault, 2026-11-28): the table
-- `vault.secrets`, the view `vault.decrypted_secrets`, `vault.create_secret` and `vault.update_secret`. The extension itself does not
-- install here: encryption is a stand-in, so it is not verified against a live server.
CREATE EXTENSION pgcrypto;
CREATE SCHEMA vault;
CREATE TABLE vault.secrets (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  name text UNIQUE,
  description text NOT NULL DEFAULT '',
  secret text NOT NULL,
  key_id uuid,
  nonce bytea DEFAULT gen_random_bytes(16),
  created_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE VIEW vault.decrypted_secrets AS
  SELECT id, name, description, secret, pgp_sym_decrypt(decode(secret, 'base64'), 'a root key') AS decrypted_secret,
    key_id, nonce, created_at, updated_at
  FROM vault.secrets;
CREATE FUNCTION vault.create_secret(
  new_secret text, new_name text DEFAULT NULL, new_description text DEFAULT '', new_key_id uuid DEFAULT NULL
) RETURNS uuid LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
  INSERT INTO vault.secrets (secret, name, description)
    VALUES (encode(public.pgp_sym_encrypt(new_secret, 'a root key'), 'base64'), new_name, new_description)
    RETURNING id
$$;
CREATE FUNCTION vault.update_secret(
  secret_id uuid, new_secret text DEFAULT NULL, new_name text DEFAULT NULL, new_description text DEFAULT NULL,
  new_key_id uuid DEFAULT NULL
) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
  UPDATE vault.secrets SET
    secret = coalesce(encode(public.pgp_sym_encrypt(new_secret, 'a root key'), 'base64'), secret),
    name = coalesce(new_name, name), description = coalesce(new_description, description),
    updated_at = clock_timestamp()
  WHERE id = secret_id
$$;
-- roles belong to the cluster, and the next database finds this one
DO $$ BEGIN
  CREATE ROLE gateway LOGIN PASSWORD 'a password of the fixture';
EXCEPTION WHEN duplicate_object THEN NULL;
END $$;
GRANT USAGE ON SCHEMA vault TO gateway;
GRANT SELECT ON vault.decrypted_secrets TO gateway;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA vault TO gateway;
