// @ts-check
// Names of languages, labels, surfaces and ways of asking: arz, ar, arz-Latn, en. What has no name shows its code.

/** @type {Record<string, [string, string, string, string]>} */
export const NAMES = {
  "lang.arz": ["عربي مصري", "العربية المصرية", "3araby masry", "Egyptian Arabic"],
  "lang.ar": ["عربي", "العربية", "3araby", "Arabic"],
  "lang.arz-Latn": ["فرانكو مصري", "المصرية بحروف لاتينية", "Franco masry", "Egyptian Arabizi"],
  "lang.ar-Latn": ["فرانكو", "العربية بحروف لاتينية", "Franco", "Arabizi"],
  "lang.en": ["إنجليزي", "الإنجليزية", "Engelizy", "English"],
  "lang.mixed": ["لغات مع بعض", "لغات معًا", "Loghat ma3 ba3d", "Several languages"],
  "lang.other": ["لغات تانية", "لغات أخرى", "Loghat tanya", "Other languages"],
  "lang.und": ["مش معروفة", "غير معروفة", "Mesh ma3roofa", "Unknown"],
  "label.toxic": ["كلام جارح", "كلام جارح", "Kalam gare7", "Hurtful"],
  "label.insult": ["إهانة", "إهانة", "Ehana", "Insult"],
  "label.identity_attack": ["هجوم على فئة", "هجوم على فئة", "Hogoom 3ala fe2a", "Attack on a group"],
  "label.threat": ["تهديد", "تهديد", "Tahdeed", "Threat"],
  "label.profanity": ["ألفاظ خارجة", "ألفاظ نابية", "Alfaz kharga", "Rough words"],
  "label.harassment": ["مضايقة", "مضايقة", "Modayqa", "Harassment"],
  "surface.comment": ["تعليق", "تعليق", "Ta3le2", "Comment"],
  "surface.reply": ["رد", "رد", "Rad", "Reply"],
  "surface.caption": ["كلام على صورة أو فيديو", "وصف صورة أو فيديو", "Kalam 3ala soora aw video", "Caption"],
  "surface.share": ["مشاركة", "مشاركة", "Mosharka", "Share"],
  "surface.live_chat": ["شات البث المباشر", "دردشة البث المباشر", "Chat el bas el mobasher", "Live chat"],
  "surface.message": ["رسالة", "رسالة", "Resala", "Message"],
  "surface.transcript": ["كلام في تسجيل أو فيلم", "كلام في تسجيل أو فيلم", "Kalam fe tasgeel aw film", "Words of a recording"],
  "arm.all": ["كل الطرق", "كل الطرق", "Kol el toro2", "All ways"],
  "arm.plain": ["سؤال بسيط", "سؤال بسيط", "So2al baseet", "Plain question"],
  "arm.highlight": ["الكلمات متعلّمة", "الكلمات مظللة", "El kelmat met3allema", "Words marked"],
  "arm.norm": ["اللي أغلب الناس بيعملوه", "ما يفعله أغلب الناس", "Elly aghlab el nas bey3meloh", "What most people do"],
  "arm.creator": ["رسالة من صانع محتوى", "رسالة من صانع محتوى", "Resala men sane3 mo7tawa", "A creator’s message"],
  "arm.holdout": ["مجموعة المقارنة", "مجموعة المقارنة", "Magmoo3et el moqarna", "Comparison group"],
};
