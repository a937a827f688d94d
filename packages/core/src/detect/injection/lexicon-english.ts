import type { Words } from './lexicon.ts'

export const ENGLISH: Words = {
  drop:
    'ignore, ignores, ignored, ignoring, disregard*, forget, forgets, forgetting, neglect, overlook, bypass, bypasses, override, overrides, ' +
    'overriding, overrule, overwrite, discard, dismiss, abandon, omit, suspend, supersede, supersedes, superseded, nullify, void, revoke, skip, ' +
    'set aside, put aside, throw away, throw out, pay no attention to, pay no heed to, take no notice of, do not follow, dont follow, stop following, ' +
    'do not obey, do not listen to, stop obeying, cease following, cease, unlearn, erase, drop, scrap, cancel, disobey, violate, break free from, ' +
    'do away with, get rid of, clear, reset, replace, replaces, deprioritize, leave behind, never mind, nevermind, instead of following, no longer apply, ' +
    'no longer applies, are void, is void, null and void, no longer valid, do not apply, are cancelled, are lifted, are suspended, out of date, are obsolete',
  prior:
    'previous, previously, prior, preceding, above, earlier, foregoing, former, past, existing, original, initial, first, before, so far, ' +
    'until now, up to now, up to this point, aforementioned, antecedent, current, default, old, given, provided, built in, preset, predefined, preexisting, present',
  instr:
    'instruction, instructions, instrucitons, instructons, instuctions, instrction, instrctions, directive, directives, direction, directions, rule, rules, guideline, guidelines, ' +
    'guidance, orders, order, commands, command, constraints, policies, policy, prompts, mandates, protocols, protocol, principles, stipulations, regulations, everything you were told, ' +
    'what you were told, what i said, what you have been told, everything i said, everything before, what came before, anything said, programming',
  all: 'all, any, every, everything, each, entire, whole, full, complete, fully, completely, entirely, whatever, anything',
  prompt:
    'system prompt, system prompts, system message, system messages, system instruction, system instructions, initial prompt, initial prompts, initial instructions, ' +
    'original prompt, original instructions, hidden prompt, hidden instructions, secret instructions, secret prompt, prompt, preprompt, pre prompt, developer message, ' +
    'developer prompt, custom instructions, base prompt, root prompt, meta prompt, metaprompt, starting prompt, internal instructions, internal prompt, internal guidelines, ' +
    'initialization, initial message, first message, operating instructions, configuration prompt, system card, system text, initial context, sysprompt, system directive, system directives, ' +
    'system rules, core instructions, core directives, underlying instructions, confidential instructions, preamble, words above, text above, sentences above, everything above, content above, message above',
  reveal:
    'reveal*, print, prints, repeat, repeats, show, display, output, outputs, tell, share, disclose*, leak, leaks, dump, expose, exposes, recite, spell, give, ' +
    'list, write, write out, return, returns, echo, quote, copy, paste, divulge, unveil, uncover, describe, summarize, summarise, paraphrase, rephrase, recall, ' +
    'translate, encode, what is, what was, what are, what were, whats, provide, state, transcribe, reproduce, type out, convert, restate, regurgitate, verbatim, word for word, hint, hints',
  your: 'your, yours, you, youve, youre, thy, thine, you were given, you have been given, you received, you were told, u, ur',
  secret:
    'secret, secrets, password, passwords, passphrase, passcode, pin code, credentials, credential, api key, api keys, apikey, token, tokens, access code, access key, ' +
    'private key, private keys, secret key, secret word, confidential, classified, codeword, code word, ssh key, ssh keys, env file, environment variables, environment variable, ' +
    'one time code, verification code, two factor code, 2fa code, otp, recovery code, seed phrase, session cookie, cookies, bearer, magic word, flag, key',
  ai:
    'assistant, assistants, ai, ais, chatbot, chatbots, bot, bots, llm, llms, gpt, chatgpt, claude, gemini, copilot, language model, language models, ' +
    'ai model, ai agent, ai agents, ai assistant, ai system, ai tool, agent, agents, large language model, artificial intelligence, virtual assistant, model, models, automated system, ' +
    'automated agent, machine reader, neural network, openai, gpt4, gpt3, llama, mistral, deepseek, grok, digital assistant, machine, robot, autonomous agent',
  now:
    'now, instead, henceforth, from now on, from here on, from this point, from this point on, from this point forward, from this moment, going forward, starting now, ' +
    'new, updated, revised, fresh, next, hereafter, effective immediately, immediately, real, actual, true, latest, replacement, afterwards, then, first of all',
  authority:
    'system, admin, administrator, administrators, developer, developers, root, sudo, superuser, creator, creators, operator, operators, maintainer, maintainers, security team, ' +
    'it department, compliance, compliance team, legal department, supervisor, moderator, engineer, engineers, ceo, staff, headquarters, sysadmin, owner, anthropic, debug, debugger, maintenance, owners',
  send:
    'send, sends, forward, forwards, upload, uploads, post, posts, transmit, email, exfiltrate, submit, transfer, bcc, cc, deliver, push, publish, report back, append, attach, ' +
    'include, embed, insert, relay, copy to, sync, mail, message, fetch, curl, wget, post to, http, https, invite, grant, add, share with',
  silent:
    'silently, secretly, quietly, discreetly, covertly, without telling, without informing, without mentioning, without notifying, without asking, without confirmation, without confirming, ' +
    'do not tell, dont tell, do not mention, dont mention, do not inform, dont inform, do not notify, dont notify, do not reveal, dont reveal, do not disclose, do not ask, dont ask, never mention, never tell, ' +
    'do not alert, do not warn, do not show, do not display, do not let, in the background, without the user, keep this hidden, not be told, not aware, unnoticed, without alerting, without showing, without approval, no confirmation, hide this',
  must:
    'important, must, critical, urgent, mandatory, required, requires, need to, have to, should, attention, immediately, crucial, essential, always, strictly, obligatory, highest priority, ' +
    'top priority, priority, imperative, necessary, before you, before anything else, prior to, please, at once, very important, note, notice, warning, alert, emergency',
  user: 'user, users, human, humans, customer, reader, person, people, client, account holder, recipient, victim, viewer',
  mode:
    'mode, developer mode, debug mode, test mode, maintenance mode, admin mode, god mode, dan, dan mode, jailbreak, jailbroken, unrestricted mode, override code, override, sudo mode, root mode, ' +
    'simulation, sandbox mode, unfiltered, uncensored, unrestricted, unlocked, unlock, diagnostic mode, diagnostics, diagnostic, safe mode, root access, full access, elevated, elevated privileges',
  limits:
    'restrictions, restriction, filters, filter, safety, guardrails, guardrail, limitations, limits, safeguards, censorship, moderation, ethics, ethical guidelines, content policy, ' +
    'content policies, safety guidelines, safety filters, security checks, security measures, restraints, boundaries, morals, protections, confirmation, approval, checks, verification',
  pretend:
    'pretend*, act as, act like, roleplay, role play, imagine, you are now, you will now, assume the role, assume the identity, take on the role, play the role, simulate, simulating, ' +
    'become, you will be, impersonate, behave as, behave like, respond as, speak as, hypothetically, suppose, in character, persona, your new role, your new task, your new name, switch roles, lets play, game',
  execute:
    'execute, run, runs, call, invoke, perform, launch, trigger, use the, eval, exec, bash, shell, terminal, script, os system, subprocess, code, click, open, visit, browse, navigate, go to, download, install, load',
  destroy:
    'delete, deletes, remove, wipe, destroy, drop table, rm rf, purge, truncate, format, disable, turn off, deactivate, shut down, uninstall, unsubscribe, unlock',
  obey: 'follow, obey, comply, adhere, listen, listen to, conform, accept, do exactly, carry out, fulfil, fulfill, do as, act on, act upon, act according, heed, execute this, proceed, cooperate, complete the following, do the following, do this',
  answer:
    'respond, responds, answer, answers, say, says, reply, replies, response, output, begin with, start with, end with, write, speak, talk, state, generate, produce, continue, complete, finish, conclude, report',
  only: 'only, exactly, nothing else, just, solely, exclusively, no other, without any other, and nothing more, instead, verbatim, precisely, simply, regardless, no matter what, whatever',
  remember:
    'remember, memory, memories, save, store, memorize, memorise, persist, long term memory, note to self, keep in mind, preference, preferences, record, permanently, future sessions, all future, future conversations, future requests, every future, knowledge base',
  tool: 'tool, tools, function, functions, plugin, plugins, api, mcp, server, endpoint, parameter, parameters, argument, arguments, skill, integration, connector, webhook, tool call, tool calls, function call',
  document:
    'document, documents, email, emails, page, webpage, website, article, file, files, content, contents, data, attachment, review, reviews, comment, comments, ticket, invoice, resume, cv, paper, manuscript, calendar, inbox, repository, issue, pull request, description, readme, transcript',
  task: 'summarize, summarise, summarizing, summarising, summary, translate, translation, translating, review, reviewing, analyze, analyse, analysis, classify, process, processing, read, reading, reads, parse, parsing, evaluate, grading, grade, scoring, screening, indexing, crawling, question, original task, users request, user request, user asked, query',
  favour:
    'approve, approved, hire, hired, recommend, recommended, rate, rating, score, highest, best, positive, positively, accept, accepted, five stars, top candidate, shortlist, strong hire, qualified, excellent, favorably, favourably, safe, benign, trusted, verified, whitelist, allowlist, preferred',
  money:
    'money, payment, pay, transfer, wire, bank, account, iban, bitcoin, wallet, crypto, refund, gift card, gift cards, invoice, funds, credit card, card number, purchase, order, usd, eur, dollars',
  link: 'link, url, image, img, href, src, markdown, http, https, www, website, webhook, domain, address, png, gif, hyperlink, iframe',
  end: 'end, ends, endof, begin, begins, start, stop, close, closing, over, finished, done, terminated, end of, beginning of, eof, im start, im end, endoftext, eot, inst, delimiter, above is, below is',
  text: 'requests, request, tasks, assignments, context, conversation, discussion, briefing, brief, chat, history, setup, training, text, message, messages, sentence, sentences, input, word, words, line, paragraph, phrase, string, letter, letters, character, characters, statement, section, block, passage, note, snippet, part',
  not: 'not, no, never, dont, do not, cannot, cant, wont, without, none, neither, nor, stop, avoid, refuse, refrain, no longer, isnt, arent, doesnt, nothing',
}
