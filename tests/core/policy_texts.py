"""Invented comments as Egyptians write them, in Arabic letters, Arabizi, Standard Arabic, English and mixtures.

By the rule that must hold the nudge back, whatever a model says of the words. ``ASKED`` are their neighbours: about the
same words, meant to hurt. Glosses say what a reader who knows no Arabic needs.
"""

from __future__ import annotations

TEXTS: dict[str, tuple[str, ...]] = {
    # The author may be in danger.
    "self_harm": (
        "أنا تعبت ونفسي أموت",  # I am tired and wish to die
        "خلاص مش عايزة أعيش تاني",  # I do not want to live any more (f)
        "بفكر أنتحر ومحدش حاسس بيا",  # I think of ending my life and nobody feels it
        "يا ريتني أموت وأرتاح منكم كلكم",  # I wish I would die and be rid of you all
        "هموّت نفسي النهارده",  # I will kill myself today
        "أنا بكره نفسي ونفسي أموت يا أغبيا",  # … and wish to die, you fools
        "لم أعد أريد أن أعيش",  # (MSA) I no longer want to live
        "أفكر في الانتحار كل ليلة",  # I think of suicide every night
        "ana 3ayza amoot bgad",  # I really want to die (f)
        "msh 3ayez a3ish khalas",
        "bafakar anta7er w ma7adesh 7ases",
        "nefsy amoot w artah",
        "I want to die and nobody cares",
        "im going to kill myself tonight",
        "i don't wanna live anymore",
        "everyone would be better off without me",
        "بجد i want to die من كتر التعب",  # really, … of being so tired
    ),
    # Somebody tells of abuse against them.
    "victim_report": (
        "فيه واحد قالّي يا غبية قدام الناس كلها",  # somebody called me stupid before everybody
        "زمايلي في المدرسة بيتنمروا عليا وبيقولوا عليا غبي",  # my classmates bully me and say I am stupid
        "شتمني وقالي يا حمار من غير سبب",  # he insulted me, called me a donkey, for no reason
        "بقالهم شهر بيبعتولي شتايم ويقولوا يا كلب",  # for a month they have been sending me insults
        "هددني إنه هيضربني لو اتكلمت",  # he threatened to hit me if I spoke
        "قالولي يا تخين وضحكوا عليا",  # they called me fat and laughed at me
        "بيتريقوا عليا عشان شكلي وبيقولوا وحشة",  # they mock me for my looks and say ugly
        "تعرضت للتنمر وقالوا لي يا غبي",  # (MSA) I was bullied, they told me: you fool
        "يشتمني كل يوم ويصفني بالحمار",  # he insults me every day and calls me a donkey
        "wa7ed aly ya 7omar 2odam el nas",  # somebody called me a donkey before people
        "byetnamaro 3alaya fel madrasa w by2olo 3alaya ghaby",
        "shatamny w aly ya kalb",
        "beyetre2o 3alaya 3ashan shakly",  # they mock me for my looks
        "hadedny eno haydrabny",  # he threatened to hit me
        "they called me an idiot in front of everyone",
        "he keeps calling me ugly and stupid",
        "i'm being bullied at school, they say i'm a loser",
        "kids at school make fun of me and call me fat",
        "واحد في الجيم called me stupid قدام صحابي",  # somebody at the gym … before my friends
    ),
    # Somebody speaks up against abuse.
    "counter_speech": (
        "عيب تقول على حد غبي",  # it is not right to call anybody stupid
        "بلاش تنمر، محدش حمار غير اللي بيشتم",  # no bullying …
        "سيبوها في حالها يا قليلين الأدب",  # leave her alone, you rude people
        "كفاية تنمر على البنت، كلمة غبية دي بتوجع",  # enough bullying of the girl …
        "متقولش على حد كلب، الكلام بيجرح",  # do not call anybody a dog, words hurt
        "التنمر مش هزار يا جماعة",  # bullying is no joke
        "ماينفعش تشتموا حد عشان شكله",  # you cannot insult somebody for their looks
        "احترموا الناس وبطلوا شتيمة",  # respect people and stop insulting
        "لا للتنمر، لا يجوز أن تصف أحدًا بالغبي",  # (MSA) no to bullying; nobody may be called stupid
        "اتركوها وشأنها أيها الحمقى",  # leave her alone, you fools
        "balash tanamor, mafeesh 7ad ghaby",
        "3eib te2ol 3ala 7ad 7omar",  # shame to call anybody a donkey
        "sebooha fe 7alha ya gama3a",
        "kefaya shetima ba2a",  # enough insults now
        "stop bullying her, she is not stupid",
        "leave him alone, calling people idiots is not ok",
        "don't call her ugly, that hurts",
        "nobody deserves to be called a dog",
        "لا للتنمر bullying is not funny يا جماعة",
    ),
    # The hurtful words are somebody else's.
    "quoting": (
        "واحد كاتب في التعليقات: البنت دي غبية",  # somebody wrote in the comments: this girl is stupid
        "المذيع قال حرفيًا إن الجمهور حمير",  # the presenter said literally that the audience are donkeys
        "ناس بتقول عليه فاشل وهو أشطر واحد",  # people say he is a failure, and he is the best
        "كان كاتب إننا أغبيا وبعدين مسح البوست",  # he had written that we are stupid, then deleted the post
        "حد علق وقال دي بنت وحشة",  # somebody commented and said: an ugly girl
        "نقلًا عن صفحته: كلكم كلاب",  # quoted from his page: you are all dogs
        "كتب أحدهم: أنت أحمق",  # (MSA) somebody wrote: you are a fool
        "wa7ed kateb el bent di ghabeya",
        "nas bet2ol 3aleh fashel",
        "wa7ed 3ala2 w 2al di bent we7sha",  # somebody commented and said …
        'he wrote "you are all stupid" and deleted it',
        "someone commented that she is an idiot",
        "people say he is a loser but he is great",
        'the caption said "ugly dog", who writes that',
        "واحد كاتب she is stupid وكلهم بيضحكوا",
    ),
    # The author jokes about themselves.
    "self_directed": (
        "أنا غبي أوي نسيت الموبايل في التاكسي",  # I am so stupid, left the phone in the taxi
        "يا لغبائي، ذاكرت المادة الغلط",  # how stupid of me, studied the wrong subject
        "أنا طلعت حمار وصدقته",  # turned out I am a donkey, I believed him
        "حاسة إني غبية النهارده",  # I feel stupid today (f)
        "أنا أكبر فاشل في الطبخ",  # I am the greatest failure at cooking
        "أنا بقيت شبه القرد في الصورة دي هههه",  # I look like a monkey in this picture
        "كم أنا غبي، نسيت الموعد",  # (MSA) how stupid I am, forgot the appointment
        "ana ghaby awy nseet el moftah",
        "ana akbar fashla fel tabkh",  # I am the greatest failure at cooking (f)
        "ana tele3t 7omar w sada2to",
        "7asa eny ghabeya elnaharda",  # I feel stupid today
        "i'm such an idiot, locked myself out again",
        "i am so dumb lol",
        "my brain is so stupid today",
        "i look like a clown in this photo",
        "i'm so stupid والله نسيت الامتحان",  # … by God, forgot the exam
    ),
    # Praise in rough words.
    "praise": (
        "يا ابن الإيه، جبتها إزاي دي",  # you so-and-so, how did you do that
        "جامدة موت الأغنية دي",  # this song is deadly good
        "إنت وحش يا معلم، جون خرافي",  # you are a beast, what a goal
        "يخرب بيتك إيه الحلاوة دي",  # may your house fall, what beauty is this
        "يخربيت جمالك",  # may the house of your beauty fall
        "موهبة مجنونة اللعيب ده، تحفة",  # a crazy talent this player, a masterpiece
        "يخرب عقلك إيه الشطارة دي",  # may your mind fall, how clever
        "يا ابن اللعيبة يا مجنون",  # son of the players, madman
        "gamed mot ya wa7sh",
        "yekhreb betak eh el 7alawa di",
        "ya ebn el eh gebtaha ezay",
        "ya ebn el la3eba ya magnoon",
        "you killed it, absolute monster on the pitch",
        "that goal was sick, you crazy man",
        "damn you're so good it's disgusting",
        "insanely good, i hate you",
        "يخرب عقلك you killed it",  # may your mind fall, …
    ),
}

#: Meant to hurt: asked about, though a neighbour of theirs is not.
ASKED: tuple[str, ...] = (
    "انت غبي ومبتفهمش",
    "يا حمار اسكت",
    "روح موت يا كلب",  # go die, dog
    "انتي وحشة وتخينة",  # you are ugly and fat
    "محدش بيحبك يا فاشلة",
    "هقتلك لو شفتك",  # I will kill you if I see you
    "يخرب بيتك يا غبي",  # may your house fall, fool
    "يا ابن الكلب",
    "أنت أحمق ولا تفهم شيئًا",
    "كلكم أغبياء بلا استثناء",
    "enta ghaby w mabtefhamsh",
    "ya 7omar eskot",
    "roo7 moot ya kalb",
    "enty we7sha awy",
    "you are an idiot",
    "shut up you ugly dog",
    "go kill yourself",
    "nobody likes you, loser",
    "انت واحد stupid ومقرف",
    "قولوا للغبي ده يسكت",  # tell this fool to be quiet
    "هو انا لازم اشرح لواحد غبي زيك",  # must I explain to a fool like you
    "من غبائك انت مصدق",  # so stupid that you believe it
    "انت طلعت غبي",  # you turned out stupid
    "طلعت حمار وصدقته",  # you (or I) turned out a donkey: nobody can tell
    "ميت من الضحك عليك يا غبي",  # dying of laughter at you, fool
    "يخربيتك انت وأهلك",  # may your house fall, you and yours
    "انت مجنون رسمي",  # you are officially mad
    "انا مش غبي انت اللي غبي",  # I am not stupid, you are
    "الناس كلها عارفة انك كداب ووسخ",
    "you look like a clown",
    "your brain is so stupid",
    "you deserve to be called a dog",
    "i hope you die",
)
