import type { Words } from './lexicon.ts'

/**
 * What an order to an agent is made of beside the classics: who is to read it, what it may skip, what it hands out, and who is not to
 * know. The English entries refine what the other tables say of a word; those of other languages give way to them.
 */
export const ENGLISH_ACTIONS: Words = {
  approval:
    'approval, approvals, confirmation, confirmations, consent, second reviewer, second person, sign off, signoff, authorisation, authorization, four eyes, dual control, double check, ' +
    'review step, approval step, permission, permissions prompt, second factor, two factor, mfa, captcha, pin check, countersignature, clearance, the check, the checks, checks, verification, identity check',
  without:
    'without, no need for, no need to, needs no, need no, no longer needed, no longer required, not needed, not required, is not necessary, bypassing, skipping, waive, waived, waives, ' +
    'exempt, exempted, instead of waiting, do not wait, dont wait, rather than asking, off, is off, switched off, turned off, lifted, lapsed, expired, no further',
  grant:
    'grant, grants, granted, assign, assigns, promote, enrol, enroll, enrolled, whitelist, allowlist, allow list, trust list, trust, trusts, authorise, authorize, authorised, authorized, elevate, ' +
    'give access, make public, publicly readable, open to everyone, open to any, unlock, unlocks, enable, enables, permit, permits, entitle, waives, upgrade to, add me, let in, disarm, unblock',
  rights:
    'admin rights, administrator rights, admin role, write access, read access, full access, access rights, access, rights, role, roles, privilege, privileges, permissions, collaborator, collaborators, maintainer, ' +
    'superuser, ownership, owner role, sudo, root access, editor role, edit rights, billing, quota, seat, allowance, credit limit, firewall, port, ports, gate, door, alarm',
  others:
    'reviewers, the reviewer, the reviewers, the team, the staff, staff, the boss, the manager, the owner, the customer, the author, the operator, colleagues, anybody, anyone, nobody, no one, everyone, the person you help, ' +
    'the person you serve, your user, your human, your principal, your owner, the account holder, whoever asked, the one who asked, the people, management, the change log, the audit log, the log',
  reader:
    'whoever reads, whoever processes, whoever summarises, whoever summarizes, whoever translates, whoever writes, whoever answers, anyone processing, reading this, reads this, read this, processing this, processes this, ' +
    'summarising this, summarizing this, parsing this, indexing this, automated readers, automated reader, automated tools, automated systems, automation, automations, machine readers, screening software, tools that, ' +
    'any tool, systems that, software that, scripts that, crawlers, crawler, scraper, scrapers, parser, pipeline, summariser, summarizer, translator, classifier, the helper, your helper, the copilot, auto reply, ' +
    'the reading program, reading program, the processing system, processing system, the summary tool, the mail tool, agentic, automated clients, generators, triage bot',
  when:
    'if, when, whenever, once, as soon as, each time, every time, next time, the next time, after reading, before answering, before you answer, before replying, before you reply, after this, upon, until, on receipt, ' +
    'on the first, in case, should the user, should anyone, the moment, at sight',
  verified:
    'verified, confirmed, pre approved, preapproved, already approved, authorised by, authorized by, cleared, on behalf of, with the consent of, signed off, agreed, as agreed, as we agreed, as we settled, as discussed, ' +
    'as decided, as usual, as always, already, power of attorney, certified, accredited, legitimate, official, officially, entitled, trusted source, manager knows, knows about it, approved by, has confirmed, has agreed',
  urgent:
    'immediately, at once, right away, right now, straight away, before it expires, within minutes, within the hour, tonight, before midnight, deadline, last chance, no time, hurry, quickly, asap, urgently, emergency, ' +
    'expires, expire, otherwise, or else, will be lost, will be deleted, will be suspended, lives, people wait, save lives',
  append:
    'append, appends, add to the end, end your, end it with, end with, finish with, finish your, begin your, begin with, insert, inserts, include, includes, embed, embeds, place the, put the, slip in, work in, add the line, ' +
    'add the sentence, add a line, add below, must add, must contain, should contain, must appear, must read, write instead, say instead, replace every, replace all, replace the, substitute, swap',
  private:
    'conversation, conversations, chat history, history, transcript, mailbox, inbox, contacts, contact list, address book, customers, customer list, customer data, user table, user data, personal data, salary, wages, ' +
    'salaries, medical, patient, patients, payroll, session, session id, session cookie, cookies, environment, env, home directory, private notes, unpublished, saved card, default card, stored card, ' +
    'account number, recovery mail, security question, the last message, last messages, the last user message, previous message, database, records, source code, configuration, config, memory, notes, calendar, location',
  hide:
    'hide, hides, hidden, conceal, conceals, omit, leave out, leave it out, keep quiet, keep it to yourself, keep this to yourself, keep between us, between us, between you and me, must not be told, need not know, ' +
    'not to be mentioned, not be mentioned, not to appear, not bring this up, do not bring up, do not note, note nothing, log nothing, do not log, do not record, not report, do not report, leave no trace, delete this mail, ' +
    'delete this message, remove this, invisible, white on white, unmentioned, play down, downplay, no mention, without mention, without a note, say nothing, stay silent, silence, bury, withhold, cover up',
}

/** The same in other languages. Accents are folded away, so they may be left out. */
export const ACTIONS: readonly Words[] = [
  // German
  {
    approval:
      'freigabe*, bestatigung*, zustimmung*, genehmigung*, vier augen, ruckfrage*, prufung, kontrolle, erlaubnis*, gegenzeichn*, zweiter faktor',
    without:
      'ohne, nicht mehr notig, nicht notig, nicht mehr abzuwarten, uberspring*, entfallt, entfallen, aufgehoben, abgelaufen, brauchst du nicht, nicht erforderlich',
    grant:
      'gewahr*, erteile, erteilen, freischalt*, schalte frei, entsperr*, vertraue, berechtig*, hinzufug*, fuge hinzu, trage ein, ernenne, aktivier*, offne, freigeben, gib frei',
    rights: 'rechte, zugriff*, zugang, rolle, berechtigung*, adminrechte, schreibrechte, besitzer, tur, alarmanlage',
    others:
      'chef, chefin, mitarbeiter*, kollegen, kollegin, prufer, team, niemand, niemandem, auftraggeber*, inhaber*, protokoll',
    reader:
      'wer dies liest, wer das liest, wer diese, wer diesen, automatische leser, programme, programm, agenten, agent, ki agent, werkzeuge, automatisch*, bearbeitungsprogramm*, software',
    when: 'wenn, sobald, falls, jedes mal, immer wenn, bevor, nachdem, bei jeder',
    verified:
      'bereits, schon, genehmigt, bestatigt, im auftrag, wie besprochen, wie vereinbart, wie beschlossen, beschlossen, vereinbart, verifiziert, befugt, vollmacht, berechtigt',
    urgent: 'sofort, umgehend, dringend, unverzuglich, gleich, heute noch, sonst, lauft ab, frist, eilig, schnell',
    append:
      'fuge ein, einfugen, erganze, hange an, anhangen, ersetze, ersetz*, setze ein, schreibe dazu, muss enthalten, am ende, beginne mit',
    private:
      'gesprach*, verlauf, postfach, kontakte, kundenliste, kundendaten, gehalt*, gehaltsliste, sitzung*, adressbuch, datenbank, gespeicherte karte, patienten*, umgebungsvariablen, konfiguration',
    hide: 'verschweig*, verberge, verbirg, versteck*, nicht erwahnen, erwahne nicht, erwahne das nicht, kein wort, unter uns, fur dich behalten, behalte es fur dich, unerwahnt, weglassen, lass weg, nicht melden, nicht protokollieren',
  },
  // French
  {
    approval:
      'approbation*, confirmation*, accord, validation*, autorisation*, double verification, controle, verification, consentement, relecture',
    without:
      'sans, inutile, plus besoin, pas besoin, n est plus, plus necessaire, leve, levee, expire, expiree, suspendu, desactive*, au lieu de, dispense*',
    grant:
      'accorde*, donne acces, debloque*, deverrouille*, autorise*, attribue*, ajoute*, nomme, active*, ouvre, fais confiance, liste blanche',
    rights: 'droits, acces, role, privileges, proprietaire, administrateur*, porte, alarme, collaborateur*',
    others:
      'equipe, personnel, responsable, employes, collegues, personne, client, lecteur, relecteur*, titulaire, proprietaire, journal',
    reader:
      'quiconque lit, toute ia, tout agent, outils, outil, agents, agent, logiciels, programmes, lecteurs automatiques, robots, automat*, lecteur automatique, resumeur*, traducteur*',
    when: 'si, quand, lorsque, des que, chaque fois, avant de, apres, une fois',
    verified:
      'deja, approuve*, confirme*, comme convenu, convenu, au nom de, verifie*, autorisee, procuration, habilite*, officiel*',
    urgent:
      'immediatement, tout de suite, urgent*, sans delai, ce soir, sinon, avant minuit, vite, expire, aujourd hui',
    append:
      'ajoutez, inserez, insere, remplace*, termine*, inclus, incluez, doit contenir, commence par, mets, a la fin',
    private:
      'conversation*, historique, boite de reception, contacts, clients, salaires, session, base de donnees, carte enregistree, environnement, donnees, carnet',
    hide: 'cache*, dissimule*, n en parle, ne mentionne*, sans mentionner, tais*, passe sous silence, entre nous, omets, ne signale*, ne dis rien, n informe*, garde le secret',
  },
  // Spanish
  {
    approval:
      'aprobacion*, confirmacion*, autorizacion*, consentimiento, permiso, verificacion, control, visto bueno, revision, doble factor',
    without:
      'sin, no hace falta, ya no, no es necesario, no necesitas, omite*, salta*, caducado, levantad*, suspendid*, en lugar de, desactiva*',
    grant:
      'concede*, otorga*, da acceso, dar acceso, desbloque*, autoriza*, asigna*, agrega*, anade*, nombra, activa*, abre, confia, lista blanca',
    rights: 'permisos, derechos, acceso, rol, privilegios, propietari*, administrador*, puerta, alarma, colaborador*',
    others: 'equipo, personal, jefe, jefa, empleados, nadie, cliente, titular, dueno, revisor*, registro',
    reader:
      'quien lea, quien procese, cualquier ia, todo agente, agentes, agente, herramientas, programas, lectores automaticos, sistemas, bots, automat*, traductor*, resumidor*',
    when: 'si, cuando, en cuanto, cada vez, antes de, despues de, una vez, siempre que',
    verified:
      'ya, aprobad*, confirmad*, como acordamos, acordad*, en nombre de, verificad*, autorizad*, poder notarial, oficial*',
    urgent:
      'inmediatamente, de inmediato, urgente*, ahora mismo, esta noche, hoy mismo, de lo contrario, antes de medianoche, rapido, cuanto antes, ya mismo, caduca',
    append:
      'inserta*, incluye*, termina, reemplaza*, sustituye*, pon, escribe al final, debe contener, empieza con, al final',
    private:
      'conversacion*, historial, bandeja de entrada, contactos, clientes, salarios, nominas, sesion, base de datos, tarjeta guardada, entorno, agenda, datos',
    hide: 'oculta*, esconde*, no menciones, sin mencionar, no digas, calla, entre nosotros, omitir, no informes, no avises, en secreto, guarda silencio, no lo registres',
  },
  // Italian
  {
    approval:
      'approvazion*, conferma, conferme, autorizzazion*, consenso, permesso, verifica, controllo, controlli, revisione',
    without:
      'senza, non serve, non servono, non occorre, non e piu, salta*, decadut*, scadut*, sospes*, invece di, disattiva*',
    grant: 'concedi, assegna*, sblocca*, autorizza*, aggiungi, nomina, attiva, apri, dai accesso, fidati, abilita*',
    rights: 'permessi, diritti, accesso, ruolo, privilegi, proprietari*, amministrator*, porta, allarme, collaborator*',
    others: 'squadra, personale, capo, dipendenti, nessuno, cliente, titolare, colleghi, revisor*, registro',
    reader:
      'chi legge, chiunque legga, ogni ia, agenti, agente, strumenti, programmi, lettori automatici, sistemi, automat*, traduttor*',
    when: 'quando, appena, ogni volta, prima di, dopo, una volta, qualora',
    verified:
      'gia, approvat*, confermat*, come concordato, concordat*, per conto di, verificat*, autorizzat*, procura, ufficial*',
    urgent: 'subito, immediatamente, urgente*, stasera, altrimenti, entro mezzanotte, presto, adesso, scade',
    append: 'inserisci, includi, termina, sostituisci, metti, deve contenere, alla fine, scrivi in fondo',
    private:
      'conversazion*, cronologia, posta in arrivo, contatti, clienti, stipendi, sessione, carta predefinita, carta salvata, ambiente, rubrica, dati',
    hide: 'nascond*, non menzionare, non dire, non dirlo, tra noi, ometti, tacere, taci, non avvisare, non segnalare, di nascosto',
  },
  // Portuguese
  {
    approval: 'aprovac*, confirmac*, autorizac*, consentimento, permissao, verificacao, controle, revisao',
    without:
      'sem, nao precisa, nao e preciso, nao e necessario, pule, pular, suspens*, expirad*, em vez de, desativ*, dispens*',
    grant:
      'conceda, conceder, libere, liberar, desbloquei*, autorize, atribua, adicione, ative, abra, confie, de acesso',
    rights: 'permissoes, direitos, acesso, papel, privilegios, propriet*, administrador*, porta, alarme, colaborador*',
    others: 'equipe, equipa, pessoal, chefe, funcionarios, ninguem, cliente, titular, dono, revisor*, registro',
    reader:
      'quem ler, quem le, qualquer ia, agentes, agente, ferramentas, programas, leitores automaticos, sistemas, robos, automat*, tradutor*',
    when: 'se, quando, assim que, sempre que, antes de, depois de, logo que, toda vez',
    verified:
      'ja, aprovad*, confirmad*, como combinado, combinad*, em nome de, verificad*, autorizad*, procuracao, oficial*',
    urgent: 'imediatamente, urgente*, agora mesmo, hoje, caso contrario, esta noite, rapido, logo, expira',
    append: 'insira, inclua, termine, substitua, coloque, deve conter, no final, ao final, acrescente',
    private:
      'conversa*, historico, caixa de entrada, contatos, contactos, clientes, salarios, sessao, banco de dados, cartao salvo, ambiente, dados, agenda',
    hide: 'oculte, ocultar, esconda, nao mencione, nao diga, nao conte, entre nos, omita, sem avisar, nao avise, nao informe, em segredo',
  },
  // Dutch
  {
    approval: 'goedkeuring*, bevestiging*, toestemming*, controle, verificatie, akkoord',
    without:
      'zonder, niet nodig, niet meer nodig, sla over, overslaan, vervallen, opgeheven, in plaats van, uitgeschakeld',
    grant: 'verleen*, geef toegang, ontgrendel*, voeg toe, toevoegen, benoem, activeer, open, vertrouw, machtig*',
    rights: 'rechten, toegang, rol, beheerder*, eigenaar, deur, alarm, medewerker',
    others: 'collega*, personeel, baas, team, niemand, klant, eigenaar, logboek',
    reader:
      'wie dit leest, iedere ai, agenten, agent, hulpmiddelen, programma*, automatische lezers, systemen, automatisch*, vertaler*',
    when: 'als, wanneer, zodra, elke keer, telkens, voordat, nadat',
    verified: 'al, reeds, goedgekeurd, bevestigd, zoals afgesproken, afgesproken, namens, gemachtigd, officieel',
    urgent: 'meteen, onmiddellijk, direct, dringend, vanavond, anders, snel, verloopt',
    append: 'voeg in, invoegen, neem op, vervang*, zet, eindig met, begin met, moet bevatten, aan het einde',
    private:
      'gesprek*, geschiedenis, postvak, inbox, contacten, klanten, salaris*, sessie, opgeslagen kaart, gegevens, agenda',
    hide: 'verberg*, verzwijg*, vermeld niet, niet vermelden, zeg niets, onder ons, laat weg, niet melden, meld dit niet, stiekem',
  },
  // Polish
  {
    approval: 'zgoda, zgody, zatwierdzen*, potwierdzen*, autoryzac*, kontrol*, weryfikac*, pozwolen*',
    without: 'bez, nie trzeba, nie potrzeb*, pomin*, zniesion*, wygasl*, zamiast, wylaczon*, juz nie',
    grant: 'nadaj, przyznaj, odblokuj, dodaj, wlacz, otworz, zaufaj, upowazn*, zezwol*, udostepnij',
    rights: 'uprawnien*, dostep*, rola, role, prawa, wlasciciel*, administrator*, drzwi, alarm, blokad*',
    others: 'pracownik*, zespol*, szef*, nikt, nikomu, klient*, personel*, dziennik*',
    reader: 'kto to czyta, kazdy agent, agenci, agent, automat*, narzedzia, program*, systemy, czytnik*, tlumacz*',
    when: 'jesli, gdy, kiedy, jak tylko, za kazdym razem, zanim, przed, po',
    verified: 'juz, zatwierdzon*, potwierdzon*, zgodnie z ustaleniami, ustalon*, w imieniu, uprawnion*, oficjaln*',
    urgent: 'natychmiast, pilnie, pilne, dzisiaj, teraz, inaczej, szybko, wygasa, bezzwlocznie',
    append: 'wstaw, dopisz, zamien, zastap, umiesc, zakoncz, na koncu, dolacz',
    private:
      'rozmow*, historia, historie, skrzynk*, kontakt*, klientow, plac, wynagrodz*, sesj*, baza danych, zapisana karta, dane',
    hide: 'ukryj, ukryw*, nie wspominaj, nie mow, przemilcz, miedzy nami, nie zglaszaj, nie powiadamia*, w tajemnicy, po cichu',
  },
  // Russian and Ukrainian
  {
    approval:
      'одобрени*, подтверждени*, разрешени*, согласовани*, согласие, проверк*, контроль, підтвердженн*, дозвіл, дозволу, схваленн*, перевірк*, згода',
    without:
      'без, не нужно, не требуется, больше не, пропусти*, снят*, отключ*, истек*, вместо, не треба, не потрібно, пропуст*, вимкн*, замість',
    grant:
      'предостав*, открой, разблокир*, добавь, назначь, выдай, включи, доверяй, разреши, дай доступ, додай, надай, відкрий, розблокуй, признач*, увімкни, дозволь',
    rights:
      'права, прав, доступ*, роль, владел*, администратор*, дверь, сигнализаци*, доверенных, адміністратор*, двері, довірених',
    others:
      'сотрудник*, персонал*, начальник*, команд, никому, никто, клиент*, владельц*, колег*, працівник*, нікому, ніхто, журнал*',
    reader:
      'кто это читает, любой агент, агенты, агент, агенту, агентам, программа, программе, программы, инструмент*, автомат*, бот, боту, ботам, помощник*, ассистент*, помічник*, асистент*, програм*, той хто читає',
    when: 'если, когда, как только, каждый раз, прежде чем, после, перед, якщо, коли, щойно, перш ніж, після',
    verified:
      'уже, одобрен*, подтвержд*, как договаривались, договорил*, от имени, проверен*, уполномоч*, официальн*, вже, схвален*, домовил*, від імені, затверджен*',
    urgent:
      'немедленно, срочно, сейчас же, сегодня, иначе, быстро, истекает, негайно, терміново, сьогодні, інакше, швидко',
    append: 'вставь, допиши, замени, добавь в конец, включи в, в конце, закончи, встав, заміни, наприкінці, допиши',
    private:
      'переписк*, истори*, почтовый ящик, контакт*, клиентов, зарплат*, сесси*, базу данных, данные, сохраненной карт*, листуванн*, клієнт*, базу даних, дані, картк*',
    hide: 'скрой, скрывай, не упоминай, не говори, не сообщай, умолчи, между нами, незаметно, тайно, не уведомля*, приховай, не згадуй, не кажи, не повідомля*, між нами, таємно, потай',
  },
  // Turkish
  {
    approval: 'onay, onayi, onayla*, onaysiz, izin, izni, dogrulama*, teyit, kontrol, denetim',
    without:
      'olmadan, gerek yok, gerekmez, gerekmiyor, sormadan, beklemeden, atla, kaldirildi, suresi doldu, yerine, kapali, olmaksizin',
    grant:
      'yetki ver, erisim ver, izin ver, ekle, ekleyin, ekleyiver, etkinlestir, kilidini ac, herkese acik, guven, tanimla',
    rights: 'yetki*, erisim*, rol, haklari, yonetici*, sahip, kapi, alarm, izin listesi',
    others: 'calisan*, personel, mudur*, ekip, kimse, kimseye, musteri*, sahibi, kayit',
    reader:
      'bunu okuyan, okuyan, her yapay zeka, yapay zeka, ajan, ajanlar, arac, araclar, program*, otomatik, yardimci*, asistan*, ozetleyen, sistemler',
    when: 'eger, zaman, her seferinde, once, sonra, olunca, ise, sirada',
    verified:
      'zaten, onaylandi, onayli, konustugumuz gibi, anlastigimiz gibi, adina, dogrulandi, yetkili, resmi, biliyor',
    urgent: 'hemen, derhal, acil, acilen, simdi, bu gece, yoksa, aksi halde, cabuk',
    append: 'ekleyin, sonuna, degistir, yerlestir, ile bitir, ile basla, icersin, yaz',
    private: 'konusma, gecmis*, gelen kutusu, kisiler, musteriler, maas*, oturum, veritaban*, kayitli kart, veriler*',
    hide: 'gizle, gizli, sakla, bahsetme, soyleme, aramizda, bildirme, raporlama, haber verme, belirtme, sessizce',
  },
  // Indonesian and Vietnamese
  {
    approval:
      'persetujuan, konfirmasi, izin, verifikasi, pemeriksaan, phê duyệt, xác nhận, sự đồng ý, kiểm tra, cho phép',
    without:
      'tanpa, tidak perlu, tak perlu, lewati, dicabut, kedaluwarsa, alih alih, dimatikan, không cần, mà không, thay vì, hết hạn',
    grant:
      'berikan, beri akses, izinkan, buka, tambahkan, aktifkan, percayai, angkat, cấp, cấp quyền, mở khóa, thêm, kích hoạt, cho vào',
    rights: 'hak akses, akses, peran, hak, pemilik, pintu, alarm, quyền, truy cập, quản trị, vai trò, cửa',
    others:
      'karyawan, staf, atasan, tim, siapa pun, pelanggan, pemilik, nhân viên, sếp, bất kỳ ai, khách hàng, không ai, nhật ký',
    reader:
      'siapa pun yang membaca, setiap agen, agen, asisten, alat, program, otomatis, sistem, bot, ai đọc, trợ lý, tác nhân, công cụ, tự động, hệ thống',
    when: 'jika, ketika, setiap kali, begitu, sebelum, setelah, saat, nếu, khi, mỗi khi, ngay khi, trước khi, sau khi',
    verified:
      'sudah, disetujui, dikonfirmasi, seperti disepakati, disepakati, atas nama, resmi, terverifikasi, đã, được duyệt, thay mặt, chính thức, như đã thỏa thuận',
    urgent:
      'segera, sekarang juga, mendesak, malam ini, jika tidak, cepat, ngay lập tức, khẩn, ngay, tối nay, nếu không',
    append:
      'sisipkan, tambah di akhir, ganti, akhiri dengan, sertakan, chèn, thêm vào cuối, thay thế, kết thúc bằng, đưa vào',
    private:
      'percakapan, riwayat, kotak masuk, kontak, pelanggan, gaji, sesi, basis data, kartu tersimpan, data, cuộc trò chuyện, lịch sử, hộp thư, danh bạ, lương, phiên, thẻ đã lưu, dữ liệu',
    hide: 'sembunyikan, jangan sebutkan, jangan beri tahu, jangan katakan, rahasiakan, diam diam, jangan laporkan, jangan menyebut, giấu, đừng nhắc, đừng nói, không báo, không nói, bí mật, âm thầm',
  },
  // Arabic, Hebrew and Hindi
  {
    approval:
      'موافقة, تأكيد, إذن, إذني, تصريح, تحقق, مراجعة, אישור, הסכמה, רשות, בדיקה, אימות, अनुमति, पुष्टि, मंज़ूरी, मंजूरी, स्वीकृति, जाँच, सत्यापन',
    without:
      'دون, بدون, لا حاجة, لم تعد بحاجة, تجاوز, ألغيت, بدلا من, ללא, בלי, אין צורך, לא צריך, דלג, פג תוקף, במקום, बिना, जरूरत नहीं, ज़रूरत नहीं, आवश्यकता नहीं, के बजाय, छोड़कर',
    grant:
      'امنح, اعط, افتح, أضف, فعل, اسمح, ارفع, הענק, תן גישה, פתח, הוסף, הפעל, אפשר, सौंप, दे दो, जोड़ो, जोड़ें, खोलो, खोलें, सक्षम, अधिकार दो, प्रदान',
    rights:
      'صلاحيات, صلاحية, الوصول, دور, مالك, الباب, مدير, הרשאות, הרשאה, גישה, תפקיד, דלת, अधिकार, पहुँच, पहुंच, भूमिका, दरवाज़ा, एडमिन',
    others:
      'الموظفين, الفريق, أحد, أحدا, العميل, صاحب, السجل, עובדים, הצוות, אף אחד, הלקוח, המנהל, היומן, कर्मचारी, कर्मचारियों, टीम, किसी, किसी को, ग्राहक, मालिक, लॉग',
    reader:
      'من يقرأ, المساعد, الوكيل, وكيل, الأدوات, البرنامج, الآلي, النظام, כל סוכן, סוכן, הסוכן, עוזר, העוזר, כלים, תוכנה, אוטומטי, जो पढ़े, सहायक, एजेंट, उपकरण, प्रोग्राम, स्वचालित, बॉट',
    when: 'إذا, عندما, كلما, قبل, بعد, حين, אם, כאשר, בכל פעם, לפני, אחרי, ברגע, अगर, यदि, जब, जब भी, पहले, बाद, हर बार',
    verified:
      'كما اتفقنا, اتفقنا, بالفعل, معتمد, مؤكد, نيابة, رسمي, مخول, כבר, כפי שסיכמנו, סיכמנו, אושר, מאושר, בשם, מוסמך, רשמי, पहले से, पहले ही, जैसा तय, तय हुआ, स्वीकृत, की ओर से, आधिकारिक, सत्यापित',
    urgent:
      'فورا, حالا, الآن, عاجل, الليلة, وإلا, בסרעה, מיד, דחוף, עכשיו, הלילה, אחרת, מהר, तुरंत, अभी, फौरन, आज रात, वरना, अन्यथा, जल्दी',
    append:
      'أدرج, ضع, استبدل, في النهاية, اختم, הכנס, החלף, סיים, בסוף, צרף, डालो, डालें, बदलो, बदल दो, अंत में, शामिल करो, शामिल करें',
    private:
      'المحادثة, سجل, البريد الوارد, جهات الاتصال, العملاء, الرواتب, الجلسة, البطاقة المحفوظة, بيانات, קבצים, השיחה, היסטוריה, אנשי קשר, לקוחות, משכורות, כרטיס שמור, נתונים, बातचीत, इतिहास, इनबॉक्स, संपर्क, वेतन, सत्र, सहेजा कार्ड, डेटा',
    hide: 'أخف, لا تذكر, لا تخبر, دون إخبار, دون إزعاج, سرا, لا تبلغ, בסתר, הסתר, אל תזכיר, אל תספר, אל תגיד, בשקט, אל תדווח, छिपाओ, छुपाओ, मत बताना, मत बताओ, ज़िक्र न, जिक्र न, चुपचाप, गुप्त, उल्लेख न',
  },
  // Japanese, Korean, Chinese and Thai
  {
    approval:
      '承認, 確認, 許可, 同意, 審査, 認証, 二段階, 승인, 확인, 허가, 동의, 인증, 검토, 批准, 确认, 许可, 审核, 审批, 验证, อนุมัติ, ยืนยัน, อนุญาต, การตรวจสอบ',
    without:
      'なしで, 不要, せずに, 省略, 飛ばして, 代わりに, 解除, 없이, 필요 없, 생략, 건너뛰, 대신, 해제, 无需, 不用, 不必, 跳过, 而不, 代替, 已失效, 取消限制, โดยไม่, ไม่ต้อง, ข้าม, แทนที่จะ, ยกเลิก',
    grant:
      '付与, 追加して, 解除して, 有効に, 開けて, 信頼, 任命, 부여, 추가해, 열어, 활성화, 허용, 신뢰, 授予, 添加, 加入, 开放, 启用, 信任, 解锁, 开通, ให้สิทธิ์, เพิ่ม, เปิด, ปลดล็อก, ไว้ใจ',
    rights:
      '権限, アクセス, 役割, 所有者, 管理権, 鍵, ドア, 권한, 접근, 역할, 소유자, 문, 权限, 访问, 角色, 所有者, 门, สิทธิ์, การเข้าถึง, บทบาท, เจ้าของ, ประตู, ผู้ดูแล',
    others:
      '社員, 職員, 担当者, 上司, 誰にも, 顧客, 本人, ログ, 직원, 담당자, 상사, 아무에게도, 고객, 팀, 로그, 员工, 同事, 上司, 任何人, 客户, 团队, 日志, พนักงาน, ทีม, ใคร, ลูกค้า, หัวหน้า, บันทึก',
    reader:
      'これを読む, 読んだ, エージェント, アシスタント, 自動, ツールは, プログラム, 要約する, ボット, 이 글을 읽는, 읽는, 에이전트, 어시스턴트, 도우미, 자동, 도구는, 프로그램, 봇, 阅读本, 读到, 代理, 助手, 智能体, 自动, 工具, 程序, 机器人, ผู้ช่วย, เอเจนต์, ตัวแทน, อัตโนมัติ, โปรแกรม, เครื่องมือ, ระบบที่อ่าน, บอต',
    when: '場合, とき, たび, 前に, 後に, したら, もし, 경우, 때마다, 때, 전에, 후에, 면, 如果, 当, 每次, 每当, 之前, 之后, 一旦, ถ้า, หาก, เมื่อ, ทุกครั้ง, ก่อน, หลังจาก',
    verified:
      '既に, すでに, 承認済み, 合意, 約束どおり, 代理, 公式, 認証済み, 이미, 승인된, 합의, 약속대로, 대신하여, 공식, 확인된, 已经, 已批准, 如约, 约定, 商定, 代表, 官方, 授权, แล้ว, ตามที่ตกลง, ได้รับอนุมัติ, ในนาม, ทางการ',
    urgent:
      '直ちに, すぐに, 至急, 今すぐ, 今夜, さもないと, 즉시, 당장, 긴급, 지금, 오늘 밤, 아니면, 빨리, 立即, 马上, 紧急, 今晚, 否则, 立刻, 尽快, ทันที, เดี๋ยวนี้, ด่วน, คืนนี้, มิฉะนั้น',
    append:
      '挿入, 末尾に, 書き加え, 置き換え, 含めて, 差し替え, 삽입, 끝에, 바꿔, 포함해, 덧붙, 插入, 末尾, 替换, 附上, 加上, 写上, แทรก, ต่อท้าย, แทนที่, ใส่, ลงท้าย',
    private:
      '会話, 履歴, 受信箱, 連絡先, 顧客情報, 給与, セッション, データベース, 保存されたカード, 個人情報, 대화, 기록, 받은편지함, 연락처, 고객 정보, 급여, 세션, 데이터베이스, 저장된 카드, 개인정보, 对话, 历史, 收件箱, 联系人, 客户, 工资, 会话, 数据库, 保存的卡, 个人信息, การสนทนา, ประวัติ, กล่องจดหมาย, รายชื่อ, เงินเดือน, เซสชัน, ฐานข้อมูล, บัตรที่บันทึก, ข้อมูลส่วนตัว',
    hide: '隠して, 言わないで, 触れないで, 知らせないで, 内緒, 報告しないで, 秘密に, 伏せて, 숨겨, 말하지 마, 언급하지 마, 알리지 마, 비밀로, 보고하지 마, 몰래, 隐瞒, 隐藏, 不要提, 别提, 不要告诉, 别告诉, 保密, 不要报告, 悄悄, 勿提, ซ่อน, อย่าบอก, อย่าพูดถึง, ไม่ต้องรายงาน, อย่ารายงาน, เป็นความลับ, เงียบๆ',
  },
]
