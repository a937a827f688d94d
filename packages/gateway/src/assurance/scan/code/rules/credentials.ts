import type { Rule } from '../rule.ts'

/** A secret in the text: by its form (the secrets detector), or by the name it is given. */
export const CREDENTIAL: Rule = {
  id: 'code.hardcoded_credentials.secret',
  severity: 'high',
  cwe: 798,
  title: 'A secret is written in the code',
  fix: 'Take it out, revoke it, and read the new one from the vault or the environment.',
  examples: {
    javascript: {
      bad: [
        'const db = connect({ user: "app", password: "Tr7!pLq92xV" })',
        'const key = "9f31c7ab" + "02de45b18c7764aa" + "01f2e3d4"\nsend({ headers: { "X-Api-Key": key } })',
        'jwt.sign(payload, "k3Ep-th1s-0ut-0f-git")',
      ],
      good: [
        'const db = connect({ user: "app", password: process.env.DB_PASSWORD })',
        'const labels = { password: "Password", secret: "Secret question" }',
        'expect(login("bob", "wrong-password")).rejects.toThrow()',
        'const passwordField = "user_password"',
        'const schema = { password: z.string().min(12) }',
        'const signs = "Zq7wX4eR9tY2uI0oP5aS8dF1gH6jK3lM_nB-vCxzLkJhGfDsApQiUyTrEWNbVcmO"',
        'const idChallengePassword = "1.2.840.113549.1.9.7"',
        'pki.getCipherForPKCS12PBEv2 = (oid) => pki.pbe.getCipherForPKCS12PBEv2(oid)',
      ],
    },
    python: {
      bad: [
        'DB_PASSWORD = "Tr7!pLq92xV"',
        'def connect(host, password="Tr7!pLq92xV"):\n    pass',
        'requests.get(u, auth=("app", "Tr7!pLq92xV"))',
        'if password == "Tr7!pLq92xV":\n    ok()',
      ],
      good: [
        'password = os.environ["DB_PASSWORD"]',
        'password = "changeme"',
        'password_label = "Enter your password"',
        'TOKEN_URL = "https://a.example/token"',
        'secret_name = "prod/db"',
      ],
    },
    go: {
      bad: ['package p\nconst dbPassword = "Tr7!pLq92xV"'],
      good: ['package p\nvar dbPassword = os.Getenv("DB_PASSWORD")', 'package p\nconst passwordEnv = "DB_PASSWORD"'],
    },
    ruby: {
      bad: ['password = "Tr7!pLq92xV"', 'config.secret_key_base = "0f31c7ab02de45b18c7764aa01f2e3d4"'],
      good: ['password = ENV.fetch("DB_PASSWORD")'],
    },
    java: {
      bad: [
        'class A { Connection f() throws Exception { return DriverManager.getConnection(url, "app", "Tr7!pLq92xV"); } }',
      ],
      good: [
        'class A { Connection f() throws Exception { return DriverManager.getConnection(url, user, password); } }',
      ],
    },
    bash: {
      bad: ['export DB_PASSWORD="Tr7!pLq92xV"', 'curl -u app:Tr7pLq92xV https://a.example'],
      good: ['export DB_PASSWORD="$(vault read -field=p db)"'],
    },
  },
}
