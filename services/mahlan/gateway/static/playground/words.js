// @ts-check
// Every word of the playground in its four languages: the same for women and men, about the words and never the person.

/** Columns of each row. */
export const LANGUAGES = /** @type {const} */ (["arz", "ar", "arz-Latn", "en"]);

/** @type {Record<string, [string, string, string, string]>} */
const ROWS = {
  tagline: [
    "مربع تعليقات بيسأل بلطف قبل ما كلام ممكن يجرح يتنشر، ومش بيمنع حد.",
    "مربع تعليقات يسأل بلطف قبل نشر كلام قد يجرح، ولا يمنع أحدًا.",
    "Morabba3 ta3le2at beyes2al be lotf abl ma kalam momken yegra7 yetneshr, w mesh beyemna3 7ad.",
    "A comment box that asks, gently, before words that may hurt go out. It never blocks.",
  ],
  write: ["التجربة", "التجربة", "El tagroba", "Try it"],
  samples: ["أو البداية من مثال", "أو البدء من مثال", "Aw el bedaya men mesal", "Or start from a sample"],
  feed: ["اللي اتنشر", "ما نُشر", "Elly etnashar", "What was posted"],
  feed_empty: [
    "لسه مفيش حاجة. اللي بيتنشر هنا بيفضل في الصفحة دي بس، وبيختفي لما تتقفل.",
    "لا شيء بعد. ما يُنشر هنا يبقى في هذه الصفحة وحدها، ويختفي عند إغلاقها.",
    "Lessa mafish 7aga. Elly beyetneshr hena beyefdal fel saf7a di bas, w beyekhtefy lamma tet2efel.",
    "Nothing yet. What is posted here stays on this page, and is gone when it closes.",
  ],
  behind: ["إيه اللي حصل ورا الستارة", "ما حدث خلف الستار", "Eh elly 7asal wara el setara", "What happened behind"],
  behind_empty: [
    "كام كلمة كفاية: هيظهر هنا الكلام اتقرا إزاي، والقرار إيه وليه.",
    "تكفي بضع كلمات: سيظهر هنا كيف قُرئ الكلام، وما القرار ولماذا.",
    "Kam kelma kefaya: hayezhar hena el kalam et2ara ezay, wel qarar eh w leh.",
    "A few words are enough: how they were read, what was decided and why will show here.",
  ],
  language: ["اللغة", "اللغة", "El logha", "Language"],
  letters: ["الحروف", "الحروف", "El 7oroof", "Letters"],
  model: ["النموذج", "النموذج", "El model", "Model"],
  band: ["الدرجة", "الدرجة", "El daraga", "Band"],
  readings: ["اتقرا إزاي", "كيف قُرئ", "Et2ara ezay", "How it was read"],
  original: ["زي ما اتكتب", "كما كُتب", "Zay ma etkatab", "As written"],
  arabic: ["بحروف عربي", "بحروف عربية", "Be 7oroof 3araby", "In Arabic letters"],
  labels: ["النموذج شايف إيه", "ما يراه النموذج", "El model shayef eh", "What the model sees"],
  labels_note: [
    "أرقام للمتابعة التقنية، مابتظهرش وقت الكتابة.",
    "أرقام للمتابعة التقنية، لا تظهر عند الكتابة.",
    "Arqam lel motab3a el teqneya, mabtezharsh wa2t el ketaba.",
    "Numbers for engineers. They are never shown to whoever writes.",
  ],
  words: [
    "الكلمات اللي القرار مبني عليها",
    "الكلمات التي بُني عليها القرار",
    "El kelmat elly el qarar mabny 3aleha",
    "The words it rests on",
  ],
  signals: ["إشارات في الكلام", "إشارات في الكلام", "Esharat fel kalam", "Cues in the words"],
  time: ["الوقت في كل مرحلة", "الوقت في كل مرحلة", "El wa2t fe kol mar7ala", "Time by stage"],
  queue: ["انتظار", "انتظار", "Entezar", "Waiting"],
  normalise: ["قراءة", "قراءة", "Qeraya", "Reading"],
  score: ["تقييم", "تقييم", "Ta2yeem", "Scoring"],
  decide: ["قرار", "قرار", "Qarar", "Deciding"],
  record: ["تسجيل", "تسجيل", "Tasgeel", "Recording"],
  trip: ["من المتصفح وإليه", "من المتصفح وإليه", "Men el browser w leh", "From the browser and back"],
  ms: ["م.ث", "م.ث", "ms", "ms"],
  requests: ["نفس الطلب من الكود", "الطلب نفسه من الشيفرة", "Nafs el talab men el code", "The same request, from code"],
  answer: ["الرد بالكامل", "الرد كاملًا", "El rad bel kamel", "The whole answer"],
  copy: ["نسخ", "نسخ", "Naskh", "Copy"],
  copied: ["اتنسخ", "نُسخ", "Etnasakh", "Copied"],
  key: [
    "البوابة دي محتاجة مفتاح (صلاحية check)",
    "تحتاج هذه البوابة إلى مفتاح (صلاحية check)",
    "El bawaba di me7taga mofta7 (scope: check)",
    "This gateway asks for a key (scope check)",
  ],
  unanswered: [
    "مفيش رد في الوقت، فالتعليق اتنشر: مفيش منع هنا.",
    "لم يصل رد في الوقت، فنُشر التعليق: لا منع هنا.",
    "Mafish rad fel wa2t, fal ta3le2 etnashar: mafish man3 hena.",
    "No answer in time, so the comment was posted: it never blocks.",
  ],
  another: ["تجربة باسم تاني", "تجربة باسم آخر", "Tagroba be esm tany", "Try as another author"],
  privacy: [
    "مفيش حاجة من اللي بيتكتب هنا بتتحفظ، والصفحة مش بتحمّل حاجة من برّه.",
    "لا يُحفظ شيء مما يُكتب هنا، ولا تحمّل الصفحة شيئًا من خارجها.",
    "Mafish 7aga men elly beyetketeb hena betet7efez, wel saf7a mesh bet7ammel 7aga men barra.",
    "Nothing that is written here is kept, and the page loads nothing from elsewhere.",
  ],
  "lang.arz": ["عربي مصري", "العربية المصرية", "3araby masry", "Egyptian Arabic"],
  "lang.ar": ["عربي", "العربية", "3araby", "Arabic"],
  "lang.arz-Latn": ["فرانكو مصري", "المصرية بحروف لاتينية", "Franco masry", "Egyptian Arabizi"],
  "lang.ar-Latn": ["فرانكو", "العربية بحروف لاتينية", "Franco", "Arabizi"],
  "lang.en": ["إنجليزي", "الإنجليزية", "Engelizy", "English"],
  "lang.mixed": ["لغات مع بعض", "لغات معًا", "Loghat ma3 ba3d", "Several languages"],
  "lang.und": ["مش معروفة", "غير معروفة", "Mesh ma3roofa", "Unknown"],
  "letters.Arab": ["عربية", "عربية", "3arabeyya", "Arabic"],
  "letters.Latn": ["لاتينية", "لاتينية", "Lateneyya", "Latin"],
  "band.none": ["مفيش", "لا شيء", "Mafish", "None"],
  "band.low": ["خفيفة", "خفيفة", "Khafifa", "Low"],
  "band.medium": ["متوسطة", "متوسطة", "Metwasseta", "Medium"],
  "band.high": ["عالية", "عالية", "3alya", "High"],
  // What became of a comment.
  shown: ["ظهر السؤال", "ظهر السؤال", "Zahar el so2al", "The question was shown"],
  revised: ["اتعدّل بعد السؤال", "عُدّل بعد السؤال", "Et3addel ba3d el so2al", "Changed after the question"],
  cancelled: ["ما اتنشرش", "لم يُنشر", "Matnasharsh", "Left unposted"],
  sent_unchanged: ["اتنشر زي ما هو", "نُشر كما هو", "Etnashar zay ma howa", "Posted as it was"],
  disputed: ["“التنبيه مش في محله”", "«التنبيه في غير محله»", "“El tanbeh mesh fe ma7alo”", "“This was a mistake”"],
  unchecked: ["من غير فحص", "بلا فحص", "Men gheir fa7s", "Unchecked"],
  // Decisions.
  nudge: ["سؤال قبل النشر", "سؤال قبل النشر", "So2al abl el nashr", "Ask before it goes out"],
  none: ["مفيش داعي للسؤال", "لا داعي للسؤال", "Mafish da3y lel so2al", "Nothing to ask"],
  suppress: ["فيه قاعدة وقّفت السؤال", "أوقفت قاعدةٌ السؤال", "Fe qa3da wa2afet el so2al", "A rule held the question back"],
  holdout: ["ضمن العُشر اللي مابيتسألش", "ضمن العُشر الذي لا يُسأل", "Demn el 3oshr elly mabyetse2elsh", "In the tenth that is never asked"],
  // Reasons, by their codes (docs/campaigns.md).
  "reason.self_harm": ["الدعم أولى من أي سؤال", "الدعم أولى من أي سؤال", "El da3m awla men ay so2al", "Support comes before any question"],
  "reason.not_toxic": ["مفيش كلام جارح باين", "لا يظهر كلام جارح", "Mafish kalam gare7 bayen", "The model sees nothing that hurts"],
  "reason.under_band": ["أخف من إننا نسأل", "أخف من أن نسأل", "Akhaf men enena nes2al", "Too mild for this campaign to ask"],
  "reason.campaign_inactive": ["الحملة مش شغالة دلوقتي", "الحملة غير نشطة الآن", "El 7amla mesh shaghala delwa2ty", "The campaign is not running"],
  "reason.not_addressed": ["الحملة مش موجهة للمكان ده", "الحملة غير موجهة إلى هذا المكان", "El 7amla mesh mowagaha lel makan da", "The campaign does not speak to this place"],
  "reason.staff_or_bot": ["كتبها فريق المنصة أو برنامج", "كتبها فريق المنصة أو برنامج", "Katabha faree2 el manassa aw bernameg", "Written by the platform's staff, or a program"],
  "reason.campaign_tag": ["فيه هاشتاج الحملة: دي مشاركة", "فيه وسم الحملة: هذه مشاركة", "Fe hashtag el 7amla: di mosharka", "It carries the campaign's hashtag: it takes part"],
  "reason.too_short": ["أقصر من إننا نحكم", "أقصر من أن نحكم", "A2sar men enena ne7kom", "Too short to judge"],
  "reason.unknown_language": ["مفيش صياغة باللغة دي", "لا صياغة بهذه اللغة", "Mafish seyagha bel logha di", "There is no wording in this language"],
  "reason.victim_report": ["حد بيحكي عن أذى حصل له", "شخص يحكي عن أذى أصابه", "7ad beye7ky 3an aza 7asalo", "Somebody tells of abuse against them"],
  "reason.counter_speech": ["ده كلام ضد الأذى", "هذا كلام ضد الأذى", "Da kalam ded el aza", "It speaks up against abuse"],
  "reason.quoting": ["الكلام منقول عن حد تاني", "الكلام منقول عن شخص آخر", "El kalam man2ool 3an 7ad tany", "The hurtful words are somebody else's"],
  "reason.self_directed": ["هزار عن النفس", "مزاح عن النفس", "Hezar 3an el nafs", "A joke about oneself"],
  "reason.praise": ["مدح بكلام خشن", "مدح بألفاظ خشنة", "Mad7 be kalam kheshen", "Praise in rough words"],
  "reason.own_thread": ["رد في موضوع شخصي", "رد في موضوع شخصي", "Rad fe mawdoo3 shakhsy", "A reply in a thread of their own"],
  "reason.mutual": ["هزار بين صحاب", "مزاح بين أصدقاء", "Hezar ben so7ab", "Banter between friends"],
  "reason.already_nudged": ["السؤال ظهر قبل كده للتعليق ده", "ظهر السؤال من قبل لهذا التعليق", "El so2al zahar abl keda lel ta3le2 da", "This comment was asked about before"],
  "reason.capped": ["كفاية أسئلة النهارده", "يكفي ما ظهر من أسئلة اليوم", "Kefaya as2ela el naharda", "Enough questions for one day"],
  "reason.cooling_down": ["فيه سؤال ظهر من شوية", "ظهر سؤال قبل قليل", "Fe so2al zahar men shwaya", "A question was shown a short while ago"],
  "reason.quiet_hours": ["وقت مفيهوش أسئلة", "وقت بلا أسئلة", "Wa2t mafehosh as2ela", "Nobody is asked at this hour"],
  "reason.paused": ["السؤال واقف في اللغة دي لحد ما الفريق يرجّعه", "السؤال متوقف بهذه اللغة إلى أن يعيده الفريق", "El so2al wa2ef fel logha di le7ad ma el faree2 yeragga3o", "Asking is paused in this language until the team resumes it"],
  "reason.holdout": ["مجموعة المقارنة: بيها بنعرف أثر السؤال", "مجموعة المقارنة: بها يُقاس أثر السؤال", "Magmoo3et el moqarna: beha bene3raf asar el so2al", "The comparison group: it shows what asking changes"],
  "reason.over_band": ["ممكن يتفهم على إنه جارح", "قد يُفهم على أنه جارح", "Momken yetfehem 3ala eno gare7", "It may be read as hurtful"],
  "reason.not_recorded": ["مفيش مكان للتسجيل، فمفيش سؤال", "تعذّر التسجيل، فلا سؤال", "Mafish makan lel tasgeel, fa mafish so2al", "It could not be recorded, so nobody is asked"],
};

/** The word of a row in a language; the key itself where there is no such row. @param {string} key @param {string} language */
export function word(key, language) {
  const row = ROWS[key];
  return row ? row[Math.max(0, LANGUAGES.indexOf(/** @type {any} */ (language)))] : key;
}

/** Invented comments: mild where they must be rough, and some that a rule holds back. */
export const SAMPLES = [
  { language: "arz", text: "إيه الكلام الفاضي ده يا فاشل" },
  { language: "ar", text: "كلامك سخيف أيها الأحمق" },
  { language: "arz-Latn", text: "ya 7omar enta mabtefhamsh" },
  { language: "en", text: "you are so stupid" },
  { language: "arz", text: "شغلك جميل، تسلم الإيدين" },
  { language: "arz-Latn", text: "gamed awy ya gama3a, mabrook" },
  { language: "arz", text: "محدش يقول لحد يا غبي #فكر_قبل_ما_تنشر" },
  { language: "en", text: "He called me stupid and it hurt" },
];
