"""Tables of words for rewriting: synonyms, opposites, and a spinner's substitutions.

Made by hand for news prose. One entry a line: `a = b` goes both ways, `a > b` only from a to b.
What follows `|` is a pattern for the text after the word, what follows `||` one for the text
before it; `@FIGURE` stands for `by`, `to` or `from` and a figure. Entries keep to what can be
swapped in those surroundings without reading the sentence. `tools.training.reworded.rewrite_words` reads
them and inflects the verbs.
"""

# ruff: noqa: E501 (tables of patterns, which wrapping makes harder to read)

from __future__ import annotations

# Past tense and participle of the irregular verbs in the tables.
IRREGULAR = {
    "buy": "bought bought", "begin": "began begun", "say": "said said", "show": "showed shown",
    "get": "got got", "build": "built built", "find": "found found", "rise": "rose risen",
    "grow": "grew grown", "fall": "fell fallen", "drop": "dropped dropped", "beat": "beat beaten",
    "choose": "chose chosen", "pick": "picked picked", "forbid": "forbade forbidden",
    "take": "took taken", "go": "went gone", "come": "came come", "speak": "spoke spoken",
    "bring": "brought brought", "set": "set set", "put": "put put", "step": "stepped stepped",
    "flee": "fled fled", "win": "won won", "lose": "lost lost", "sell": "sold sold",
    "leave": "left left", "give": "gave given", "send": "sent sent", "keep": "kept kept",
    "make": "made made", "call": "called called", "forget": "forgot forgotten",
    "permit": "permitted permitted", "ban": "banned banned", "turn": "turned turned",
    "wed": "wed wed", "hold": "held held", "lie": "lay lain", "lead": "led led",
    "admit": "admitted admitted", "look": "looked looked", "deny": "denied denied",
    "hide": "hid hidden", "shut": "shut shut", "cut": "cut cut", "occur": "occurred occurred",
    "stop": "stopped stopped", "pay": "paid paid", "commit": "committed committed",
    "tell": "told told", "lend": "lent lent", "borrow": "borrowed borrowed",
    "quit": "quit quit", "sink": "sank sunk", "be": "was been", "spend": "spent spent",
    "reject": "rejected rejected", "wage": "waged waged", "expand": "expanded expanded",
}  # fmt: skip

VERBS = """
buy = purchase
acquire > buy | \\s(?:the|a|an|it|[A-Z$£€\\d])
state > say | \\s(?:that|in|on|the|it|he|she|they)\\b
say > state | \\sthat\\b
announce > make public | \\s(?:the|its|his|her|their)\\b
allege = claim | \\s(?:that|he|she|they|the|it)\\b
assert > claim | \\s(?:that|he|she|they|the)\\b
remark > say | \\sthat\\b
stress = emphasise | \\s(?:that|the)\\b
note > point out | \\sthat\\b
reveal = disclose | \\s(?:that|the)\\b
admit = acknowledge | \\s(?:that|he|she|they)\\b
begin = start | \\s(?:to|in|on|at|with|working|playing|making|selling|using|[a-z]+ing)\\b
attempt = try | \\sto\\b
assist > help
demonstrate = show | \\sthat\\b
obtain > get | \\s(?:the|a|an)\\b
receive > be given | \\s(?:the|an?)\\s[A-Za-z]+\\s(?:Award|Prize|Medal|award|prize|medal)
construct > build
erect > build
reside > live | \\s(?:in|at|with|on)\\b
live > reside | \\s(?:in|at)\\s[A-Z]
murder > kill
assassinate > kill
behead = decapitate
slay > kill
injure = wound
defeat = beat | \\s(?:[A-Z]|the\\b)
select = choose
pick > choose | \\s(?:the|a|by|to|as)\\b
opt > choose | \\sto\\b
decide > choose | \\sto\\b
allow = permit | \\s(?:[a-z]+\\s){1,4}to\\b
ban = prohibit | \\s(?:[a-z]+\\s){0,2}from\\b
forbid > prohibit | \\s(?:[a-z]+\\s){0,2}from\\b
discover > find | \\s(?:that|the|a|in|by|two|three)\\b
rise = climb | @FIGURE
rise = increase | @FIGURE
grow > increase | @FIGURE
fall = drop | @FIGURE
fall = decline | @FIGURE
decrease > go down | @FIGURE
utilise > use
utilize > use
happen = take place | \\s(?:in|on|at|near|after|during|when|between)\\b
occur = take place | \\s(?:in|on|at|near|after|during|when|between)\\b
occur > happen | \\s(?:in|on|at|near|after|during|when|between)\\b
provide = supply | \\s(?:the|a|an|some|food|water|information|money)\\b
dispatch > send
conduct = carry out | \\s(?:the|a|an|by|in|on|several|two|three|research|tests?|interviews|air)\\b
perform > carry out | \\s(?:an?|the)\\s(?:[a-z]+\\s)?(?:operation|test|study|task|search|check|attack)
resign = step down | \\s(?:as|from|in|on|after|over)\\b|[.,]
appoint > name | \\s(?:as\\s)?(?:the|a|an|to be|[A-Z])
relocate = move | \\sto\\b
investigate = look into | \\s(?:the|a|an|whether|how|claims|reports|allegations)\\b
postpone > put off | \\s(?:the|until|to|its|his)\\b
postpone > delay
cancel = call off | \\s(?:the|a|its|his|her|their|after|because|due)\\b
repair > fix
participate = take part | \\sin\\b
employ > give work to | \\s(?:about |around |some |over |more than )?\\d
vow = pledge | \\sto\\b
vow = promise | \\sto\\b
praise = commend | \\s(?:the|his|her|its|their|him|them|[A-Z])
visit > pay a visit to | \\s(?:the|a|his|her|their|[A-Z])
urge > call on | \\s(?:[A-Za-z]+\\s){1,4}to\\b
result in > lead to
cause > bring about | \\s(?:the|a|an)\\b
trigger > set off | \\s(?:the|a|an)\\b
create > make | \\s(?:the|a|an)\\b
terminate > end
conclude > end | \\s(?:in|on|with|when|the)\\b
commence > begin
cease > stop | \\s[a-z]+ing\\b
enlarge > expand
depict > portray
portray > depict
gather = assemble | \\s(?:in|at|outside|near)\\b
demand > call for | \\s(?:the|a|an)\\b
request > ask for | \\s(?:the|a|an)\\b
resemble > look like
reject > turn down | \\s(?:the|an?|his|her|their)\\s(?:[a-z]+\\s)?(?:offer|request|proposal|bid|plea|appeal|application|idea|plan)
examine > look at | \\s(?:the|a|an|how|whether)\\b
inform > tell | \\s(?:[A-Z]|the|him|her|them|his)
attend > go to | \\s(?:the|[A-Z])
discuss > talk about
encounter > meet with
flee > escape | \\s(?:to|from|into)\\b
oversee = supervise
surpass > exceed
comprise > consist of | \\s(?:the|two|three|four|five|six|\\d)
manufacture > make | \\s(?:in|by|the)\\b
transport > carry | \\s(?:the|a|by|from|to)\\b
ascend > climb | \\s(?:the|to)\\b
evaluate > assess
assess > evaluate
aid > help | \\s(?:the|in)\\b
abandon > give up | \\s(?:the|his|her|their|its)\\b
complete > finish | \\s(?:the|his|her|its|in|by|a)\\b
tackle > deal with | \\s(?:the|a|an)\\b
summon > call | \\s(?:to|the|for)\\b
""".strip()

# Fixed words and phrases; verbs in one form only where only that form is safe.
PHRASES = """
approximately = about | \\s(?:[$£€\\d]|half|one|two|three|four|five|six|seven|eight|nine|ten|twenty|a (?:third|quarter|dozen))
approximately = around | \\s[$£€\\d]
roughly = about | \\s[$£€\\d]
nearly = almost
more than = over | \\s[$£€\\d]
less than = under | \\s[$£€\\d]
at least = no fewer than | \\s\\d+ (?:people|men|women|children|[a-z]+s)\\b
kids = children
movie = film | (?!-)
movies = films
physician > doctor
physicians > doctors
automobile > car
automobiles > cars
attorney = lawyer
attorneys = lawyers
the company > the firm | \\s(?:said|has|had|is|was|will|announced|also|plans|plan)\\b
the firm > the company | \\s(?:said|has|had|is|was|will|announced|also|plans|plan)\\b
cops > police officers
photograph = photo
photographs = photos
television = TV | (?!\\sNetwork| Ltd)
airplane = plane
aeroplane > plane
mobile phone = cell phone
mobile phones = cell phones
cellphone > mobile phone
apartment = flat || \\b(?:his|her|the|their|an|a)\\s$
truck = lorry
trucks = lorries
residents = inhabitants | \\sof\\b
schoolchildren > pupils
infant > baby
infants > babies
corpse > dead body
corpses > dead bodies
author > writer | (?!ise|ity)
novelist > writer
novelists > writers
reporters > journalists
troops = soldiers
blaze > fire || \\b(?:the|a)\\s$
quake = earthquake
vessel > ship || \\b(?:naval|cargo|the|merchant)\\s$
illness = sickness
pupils > students
United States = US || \\bthe\\s$
U.S. = American | \\s(?:government|military|troops|officials|soldiers|forces)\\b
United Kingdom = UK || \\b[Tt]he\\s$
United Nations = UN || \\bthe\\s$
European Union = EU || \\b[Tt]he\\s$
World War II = the Second World War || (?<!the )(?<!post-)(?<!pre-)$
World War I = the First World War | (?!I) || (?<!the )$
Soviet Union > USSR || \\bthe\\s$
Great Britain > Britain
Federal Bureau of Investigation > FBI
Central Intelligence Agency > CIA
New York City > New York
Islamic State > ISIS | \\s(?:militants|fighters|group|of Iraq)?\\b || \\b(?:the|by|of|with|against)\\s$
big = large || \\b(?:a|the|very|as|so)\\s$
huge = enormous
huge > massive
massive > huge
famous = well-known
wealthy = rich
tiny > very small || \\b(?:the|two|these|some|with)\\s$
initially = at first
currently = at present | \\s[a-z]+(?:ing|ed)\\b
formerly = previously
former > ex- | \\s(?:president|wife|husband|boyfriend|girlfriend|soldier|minister|policeman|police|employee|employees|lover|partner|prisoner)\\b
primarily = mainly
mostly = mainly
chiefly > mainly
frequently = often
numerous > many
several > a number of | \\s[a-z]+s\\b || (?<!of )(?<!the )(?<!these )(?<!his )(?<!her )(?<!their )$
entire = whole || \\b(?:the|his|her|its|their|an)\\s$
annual > yearly
annually > every year
rapidly = quickly
immediately > at once | [.,]
subsequently = later | \\s[a-z]+ed\\b
although > though
though > although | \\s(?:[a-z]+\\s) || (?:^|,\\s)$
in order to > to
prior to > before
until = till || (?<!not )$
whilst > while
amongst > among
throughout the world = worldwide
around the world > worldwide
nationwide = across the country
overseas > abroad | [.,]|\\s(?:in|and|for)\\b
lethal > deadly
fatal > deadly || \\b(?:a|the|two|most)\\s$
sick = ill || \\b(?:was|were|is|are|fell|became)\\s$
hazardous > dangerous
perilous > dangerous
elderly > old || \\b(?:an|the)\\s$
best known for > most famous for
best known as > most famous as
known as > called || \\b(?:is|was|are|were|also|commonly|now|better)\\s$
also known as > also called
was unable to > could not
were unable to > could not
was able to > managed to
were able to > managed to
is required to > has to
are required to > have to
didn't = did not
doesn't = does not
isn't = is not
wasn't = was not
weren't = were not
hasn't = has not
haven't = have not
hadn't = had not
won't = will not
can't = cannot
couldn't = could not
wouldn't = would not
due to = because of || (?<!is )(?<!are )(?<!was )(?<!were )$
owing to > because of
as a result of > because of
caused by > due to || \\b(?:was|is|were|are)\\s$
located in > situated in
located on > situated on
situated in > located in
situated on > located on
is located > lies | \\s(?:in|on|at|near|within|about|north|south|east|west)\\b
is situated > lies | \\s(?:in|on|at|near)\\b
consists of > is made up of
consisted of > was made up of
is composed of > is made up of
are composed of > are made up of
died > passed away | \\s(?:in|on|at)\\s(?:\\d|[A-Z]|the age) || (?<!have )(?<!has )\\b(?!\\d)[A-Za-z]+\\s$
shot dead > shot and killed
stabbed to death > fatally stabbed
beaten to death > fatally beaten
took part in > participated in
replied = responded | \\s?[,.]|\\sthat\\b
replied that > answered that
declined to comment = refused to comment
refused to > declined to
declined to > refused to
married > wed | \\s(?:[A-Z][a-z]+)\\b || (?:[A-Za-z]+)(?<!was)(?<!is)(?<!be)(?<!been)(?<!were)(?<!were)(?<!are)(?<!not)\\s$
was arrested > was taken into custody | [.,]|\\s(?:in|on|at|after|for|by)\\b
were arrested > were taken into custody | [.,]|\\s(?:in|on|at|after|for|by)\\b
was detained > was taken into custody
was released > came out | \\s(?:in|on)\\s(?:the\\s)?(?:\\d|[A-Z][a-z]+\\s\\d) || (?:film|album|single|song|movie|game|book|series)\\s$
was founded in > was established in
was established in > was founded in
was founded by > was set up by
was formed in > was set up in
founded in > established in
launched > started | \\s(?:an?|the|its|his|her)\\s(?:[a-z]+\\s)?(?:campaign|investigation|programme|program|service|project|attack|inquiry|website|business|appeal)\\b
issued > released | \\sa\\s(?:[a-z]+\\s)?statement
attended > went to | \\s(?:[A-Z][\\w.]+\\s){0,4}(?:School|University|College|the)\\b
returned to > went back to
spoke to > talked to
spoke with > talked with
met with > met
is set to > is due to
are set to > are due to
is expected to > is likely to
are expected to > are likely to
plans to > intends to || \\b(?:[A-Za-z]+)(?<!the)(?<!its)(?<!his)(?<!their)(?<!of)\\s$
planned to > intended to
wants to > wishes to
wanted to > wished to
hopes to > would like to
resides in > lives in
based on > adapted from | \\s(?:the|a|his|her)\\s(?:[a-z0-9]+\\s){0,2}(?:novel|book|play|story|memoir)
adapted from > based on | \\s(?:the|a|his|her)\\b
numerous times > many times
on numerous occasions > many times
in addition to > besides
regarding > about
concerning > about || (?<!is )(?<!was )(?<!are )$
following > after || ,\\s$
ahead of > before | \\s(?:the|his|her|its)\\s(?:[a-z]+\\s)?(?:election|vote|meeting|trial|release|launch|announcement|wedding|match|visit)
during the course of > during
at the age of > aged | \\s(?:\\d+)
nearby > close by | [.,]
approximately half > about half
in spite of > despite
despite > in spite of
a variety of > various
various > different | \\s[a-z]+s\\b
a lot of > many | \\s(?:people|men|women|children|things|countries|companies|users|questions)\\b
lots of > many | \\s(?:people|men|women|children|things|countries|companies|users)\\b
many > a large number of | \\s(?:people|men|women|children|countries|companies|users|fans|species|critics)\\b || (?:^|,\\s|\\b(?:and|that|in|for|of|by|killed|with)\\s)$
portion > part || \\b(?:the|a|large|small|significant)\\s$
the majority of > most of | \\s(?:the|its|his|their|her|these)\\b
additional > more | \\s[a-z]+s\\b || \\b(?:\\d+|two|three|four|five|some)\\s$
beverage > drink
beverages > drinks
individuals > people
assistance > help || (?<!technical )(?<!the )$
gunfire > shots
firearm > gun
firearms > guns
spouse > husband or wife
narcotics > drugs
footwear > shoes
purchased > bought
wounded in > injured in
mother and father > parents
14-day > two-week
a decade > ten years | [.,]|\\s(?:ago|later|of|in)\\b
two decades > 20 years
ten years > a decade | [.,]|\\s(?:ago|later)\\b
a century > 100 years | [.,]|\\s(?:ago|later)\\b
twice > two times | [.,]
yearly > annual || \\b(?:its|the|a)\\s$
""".strip()

# Opposites: either may stand for the other in the same frame, and then the sentence is denied.
OPPOSITES = """
rise = fall | @FIGURE
climb = drop | @FIGURE
increase = decline | @FIGURE
grow > fall | @FIGURE
increase = decrease | @FIGURE
win = lose | \\s(?:the|his|her|its|their|an?|all|against)\\b
buy = sell | \\s(?:the|a|an|it|his|her|its|their|[A-Z$\\d])
accept = reject | \\s(?:the|an?|his|her|their|this)\\b
approve = reject | \\s(?:the|an?|his|her|their|this)\\b
confirm = deny | \\s(?:that|the|it|his|her)\\b
support = oppose | \\s(?:the|a|an|his|her|gay|same-sex|abortion|[A-Z])
praise = criticise | \\s(?:the|his|her|its|for|by|as|[A-Z])
praise = criticize | \\s(?:the|his|her|its|for|by|as|[A-Z])
begin = end | \\s(?:in|on)\\s(?:\\d|[A-Z]|the\\s)
open = close | \\s(?:in|on)\\s(?:\\d|[A-Z])
arrive > leave | \\s(?:in|at|on)\\s(?:the|[A-Z\\d])
remember = forget | \\s(?:the|his|her|that|to)\\b
include = exclude | \\s(?:the|a|an|all|both|several)\\b
allow > forbid | \\s(?:[a-z]+\\s){1,4}to\\b
lend = borrow | \\s(?:the|a|money|[$£€\\d])
hire > dismiss
join > leave | \\s(?:the|[A-Z])
strengthen > weaken
enter > leave | \\s(?:the|a)\\b
demolish > build | \\s(?:in|by)\\b
enjoy > dislike | \\s(?:the|a|working|playing)\\b
""".strip()

OPPOSITE_WORDS = """
largest = smallest || (?<!one of the )(?<!second )(?<!third )$
biggest = smallest || (?<!one of the )(?<!second )(?<!third )$
oldest = youngest || (?<!one of the )(?<!second )$
highest = lowest
best > worst || \\b(?:the|its|his|her)\\s$
longest = shortest
first = last | \\s(?:time|season|album|novel|book|episode|film|game|match|match|day|year|single|appearance)\\b || \\b(?:the|his|her|its|their)\\s$
before = after | \\s(?:the|his|her|its|they|he|she|being|a|[a-z]+ing)\\b || (?<!day )(?<!shortly )(?<!soon )(?<!year )(?<!years )(?<!days )(?<!months )$
guilty > innocent || (?<!not )\\b(?:was|is|found|been)\\s$
legal = illegal
successful = unsuccessful
positive = negative | \\s(?:reviews?|results?|feedback|response|reception|comments|effects?|impact)\\b
male = female || (?<!and )(?<!or )$
alive = dead || \\b(?:was|were|is|are|found|still)\\s$
public > private | \\s(?:school|university|company|schools|land|research university)\\b
private > public | \\s(?:school|university|company|schools|land|research university)\\b
northern = southern
eastern = western
north = south | \\sof\\b
east = west | \\sof\\b
northeast = southwest | \\sof\\b
northwest = southeast | \\sof\\b
wife = husband || \\b(?:his|her|the|'s|’s|ex-)\\s?$
mother = father || \\b(?:his|her|the|'s|’s|a)\\s$
brother = sister || \\b(?:his|her|the|'s|’s|a|younger|older|elder)\\s$
son = daughter || \\b(?:his|her|the|'s|’s|a|old|eldest|only|year-old)\\s$
sons = daughters
grandson = granddaughter
uncle = aunt
nephew = niece
boy = girl || (?<!and )$
boys = girls || (?<!and )$
man > woman | (?!-|\\sand\\b|\\s[A-Z]) || \\b(?:the|a|old|year-old|young|another|one)\\s$
woman > man | (?!-|\\sand\\b|\\s[A-Z]) || \\b(?:the|a|old|year-old|young|another|one)\\s$
king = queen || \\b(?:the|a)\\s$
morning = evening || \\b(?:the|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)\\s$
summer = winter | \\sof\\b
amateur = professional
permanent = temporary
younger = older || (?<!and )$
early = late | \\s(?:1[89]\\d0s|20\\d0s|\\d\\dth century)
lower = higher || (?<!and )(?<!or )$
lower > upper | \\s(?:house|chamber|class|part|deck|level|reaches)\\b
upper > lower | \\s(?:house|chamber|class|part|deck|level|reaches)\\b
major > minor | \\s(?:role|character|part|damage|injuries|party|parties|league)\\b
minor > major | \\s(?:role|character|part|damage|injuries|party|parties|league)\\b
more than > fewer than | \\s\\d[\\d,]* (?:people|men|women|children|[a-z]+s)\\b
more > less | \\s(?:successful|popular|common|expensive|likely|important|effective|dangerous|powerful|stable)\\b
less > more | \\s(?:successful|popular|common|expensive|likely|important|effective|dangerous|powerful|stable)\\b
always > never
often > rarely
rarely > often
increase > decrease || \\b(?:an|the|an?\\s\\d+%|percent|significant|sharp|large)\\s$
growth > decline || \\b(?:the|rapid|population|economic|strong)\\s$
victory = defeat || \\b(?:the|a|his|their|its|her|first)\\s$
indoor = outdoor
domestic = foreign | \\s(?:policy|market|trade|affairs|flights|sales)\\b
urban = rural
Democrat = Republican
Democratic = Republican | \\s(?:Party|candidate|nominee|senator|governor|congressman|nomination|primary|politician)\\b
Democrats = Republicans
fiction > non-fiction || (?<!science )(?<!fan )(?<!speculative )(?<!non-)(?<!historical )(?<!pulp )$
retired > active || \\b(?:a|is a|was a)\\s$
heavier > lighter
warmer = colder
stronger = weaker
faster = slower
cheaper > dearer
richest = poorest
tallest = shortest
deadliest > least deadly
innocent > guilty || \\b(?:is|was|were)\\s$
safe > unsafe || \\b(?:is|was|are|were)\\s$
possible > impossible || \\b(?:is|was|be)\\s$
able > unable || \\b(?:was|were|is|are)\\s$
inside = outside | \\s(?:the|of|a)\\b
above = below | \\s(?:the|sea|freezing|average)\\b
""".strip()

# Words as a thesaurus without context renders them; only ever on the side of the passage.
SPUN = {
    "the": "nan", "be": "beryllium", "at": "astatine", "with": "pinch", "about": "astir",
    "no": "nary", "much": "overmuch", "year": "twelvemonth", "any": "immoderate",
    "presidential": "statesmanlike", "own": "ain", "many": "galore", "let": "fto",
    "least": "slightest", "deputy": "lawman", "on": "connected", "in": "successful",
    "new": "caller", "can": "tin", "multiple": "aggregate", "over": "complete", "out": "retired",
    "off": "disconnected", "back": "backmost", "period": "play", "time": "clip",
    "industry": "manufacture", "administration": "guidance", "technology": "exertion",
    "require": "petition", "line": "connection", "call": "telephone", "account": "narration",
    "company": "institution", "reach": "scope", "assistant": "adjunct", "people": "group",
    "used": "utilized", "spend": "locomotion", "thing": "constituent",
    "conviction": "condemnation", "trend": "inclination", "due": "owed", "go": "spell",
    "do": "execute", "little": "mini", "quality": "worth", "vast": "immense",
    "majority": "mostly", "massive": "monolithic", "development": "betterment", "see": "visit",
    "outside": "extracurricular", "inside": "wrong", "early": "aboriginal", "while": "portion",
    "relatively": "comparatively", "daily": "regular", "fourth": "4th", "think": "deliberation",
    "heavily": "dense", "chance": "opportunity", "team": "squad", "driven": "ridden",
    "order": "bid", "know": "cognize", "sure": "judge", "impressive": "awesome",
    "real": "existent", "want": "privation", "end": "extremity", "start": "commencement",
    "direct": "nonstop", "available": "disposable", "issue": "matter", "as": "arsenic",
}  # fmt: skip
