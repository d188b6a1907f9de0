/* Lists of words, by language.
 *
 * Computes: whether a word says little by itself, turns a sentence around, or is a number.
 * Model: function words are the articles, pronouns, prepositions, conjunctions, auxiliary verbs and
 *     particles that half of all sentences are made of. Negations are listed apart and are never
 *     function words. Number words do not hold those that are articles too (ein, un, uno …).
 * Source: written for this room.
 * Cost: O(words of the list) to make, O(1) to find.
 * Limits: ten languages have all three lists, eight more have negations alone. Numbers above twenty
 *     that are written as one word (dreiundzwanzig) are not known.
 */
#include "sift/words/lexicon.h"

#include "base/arena.h"
#include "base/check.h"
#include "sift/table/table.h"

#include <string.h>

struct list {
    const char *language;
    bool decimal_comma, elision;
    const char *function_words, *negations;
    const char *numbers; /* word:value */
};

/* clang-format off */
static const struct list lists[] = {
    { .language = "en",
      .function_words =
          "a an the this that these those and or but if then than so because while when where which who "
          "whom whose what why how i me my mine myself we us our ours you your yours he him his she her "
          "hers it its they them their theirs one be am is are was were been being have has had having "
          "do does did doing will would shall should can could may might must ought to of in on at by "
          "for from with about into onto over under above below between through during before after "
          "up down out off again once here there all any both each few more most other some such only "
          "own same too very just also there's i'd i'll i'm i've we'd we'll we're we've you'd you'll "
          "you're you've they'd they'll they're they've he'd he'll she'd she'll it'll that'd as per via "
          "let please get got upon within toward towards among around s t d ll m re ve",
      .negations =
          "not no never none nobody nothing nowhere neither nor without cannot cant dont doesnt didnt "
          "isnt arent wasnt werent wont wouldnt shouldnt couldnt hasnt havent hadnt can't don't doesn't "
          "didn't isn't aren't wasn't weren't won't wouldn't shouldn't couldn't hasn't haven't hadn't "
          "mustn't needn't ain't",
      .numbers =
          "zero:0 two:2 three:3 four:4 five:5 six:6 seven:7 eight:8 nine:9 ten:10 eleven:11 twelve:12 "
          "thirteen:13 fourteen:14 fifteen:15 sixteen:16 seventeen:17 eighteen:18 nineteen:19 twenty:20 "
          "thirty:30 forty:40 fifty:50 sixty:60 seventy:70 eighty:80 ninety:90 hundred:100 "
          "thousand:1000 million:1000000 twice:2 double:2 triple:3 second:2 third:3 fourth:4 fifth:5 "
          "half:.5" },
    { .language = "de", .decimal_comma = true,
      .function_words =
          "der die das den dem des ein eine einen einem einer eines und oder aber wenn dann als so weil "
          "während wann wo welche welcher welches wer wen wem wessen was warum wie ich mich mir mein "
          "meine meinen meinem meiner wir uns unser unsere unseren unserem unserer du dich dir dein deine "
          "ihr euch euer eure er ihn ihm sein seine seinen seinem seiner sie ihnen ihre ihren ihrem ihrer "
          "es man sich bin bist ist sind seid war waren gewesen sei wäre wären habe hast hat haben hatte "
          "hatten hätte hätten werde wirst wird werden wurde wurden würde würden worden kann können könnte "
          "könnten soll sollen sollte sollten muss müssen müsste darf dürfen mag möchte möchten will "
          "wollen wollte zu zum zur von vom in im ins an am auf aus bei beim bis durch für gegen mit nach "
          "über um unter vor zwischen seit während dass daß ob da dort hier alle alles allen aller auch "
          "nur noch schon sehr mehr mal dieser diese dieses diesen diesem jene jener jeder jede jedes "
          "solche etwas bitte doch denn damit dabei dazu sowie bzw",
      .negations =
          "nicht kein keine keinen keinem keiner keines nie niemals niemand niemanden nichts nirgends "
          "nirgendwo weder ohne nein",
      .numbers =
          "null:0 zwei:2 drei:3 vier:4 fünf:5 sechs:6 sieben:7 acht:8 neun:9 zehn:10 elf:11 zwölf:12 "
          "dreizehn:13 vierzehn:14 fünfzehn:15 sechzehn:16 siebzehn:17 achtzehn:18 neunzehn:19 "
          "zwanzig:20 dreissig:30 vierzig:40 fünfzig:50 sechzig:60 siebzig:70 achtzig:80 neunzig:90 "
          "hundert:100 tausend:1000 million:1000000 millionen:1000000 zweimal:2 dreimal:3 doppelt:2 "
          "zweite:2 zweiten:2 zweiter:2 dritte:3 dritten:3 dritter:3 vierte:4 vierten:4 halb:.5 halbe:.5 "
          "halben:.5" },
    { .language = "fr", .decimal_comma = true, .elision = true,
      .function_words =
          "le la les l un une des du de d au aux et ou mais si alors que qu quand où qui quoi quel quelle "
          "quels quelles lequel laquelle dont pourquoi comment comme je j me m mon ma mes moi nous notre "
          "nos tu te t ton ta tes toi vous votre vos il elle on se s son sa ses lui ils elles leur leurs "
          "eux ce c cet cette ces cela ça ceci y en est suis es sommes êtes sont étais était étaient été "
          "être sera seront serait soit ai as a avons avez ont avais avait avaient avoir eu aura auront "
          "aurait faire fait peut peuvent pouvoir pourrait doit doivent devoir devrait faut faudrait à "
          "dans par pour avec sur sous entre vers chez depuis pendant avant après jusque jusqu contre "
          "tout tous toute toutes très trop aussi encore déjà plus moins même mêmes bien ainsi donc or "
          "car lorsque puisque afin voici voilà",
      .negations = "ne n pas jamais rien personne aucun aucune ni sans non nul nulle guère",
      .numbers =
          "zéro:0 deux:2 trois:3 quatre:4 cinq:5 six:6 sept:7 huit:8 dix:10 onze:11 douze:12 "
          "treize:13 quatorze:14 quinze:15 seize:16 vingt:20 trente:30 quarante:40 cinquante:50 "
          "soixante:60 cent:100 cents:100 mille:1000 million:1000000 millions:1000000 double:2 triple:3 "
          "deuxième:2 troisième:3 quatrième:4 demi:.5 demie:.5" },
    { .language = "es", .decimal_comma = true,
      .function_words =
          "el la los las lo un una unos unas al del de y e o u pero si entonces que cuando donde quien "
          "quienes cual cuales cuyo qué cuándo dónde quién cuál por porque cómo como yo me mi mis mí "
          "nosotros nos nuestro nuestra nuestros nuestras tú te tu tus ti vosotros os vuestro usted "
          "ustedes él ella ello ellos ellas le les se su sus suyo este esta estos estas esto ese esa esos "
          "esas eso aquel aquella es soy eres somos son era eran fue fueron sido ser será serán sería sea "
          "está están estar estaba estoy estamos he has ha hemos han había haber hay haya tiene tienen "
          "tener puede pueden poder podría debe deben deber debería a en con para sobre entre hacia hasta "
          "desde durante antes después bajo contra según todo todos toda todas muy más menos también ya "
          "aún mismo misma tan tanto otro otra otros otras así pues",
      .negations = "no nunca jamás nada nadie ningún ninguno ninguna ni sin tampoco",
      .numbers =
          "cero:0 dos:2 tres:3 cuatro:4 cinco:5 seis:6 siete:7 ocho:8 nueve:9 diez:10 once:11 doce:12 "
          "trece:13 catorce:14 quince:15 veinte:20 treinta:30 cuarenta:40 cincuenta:50 sesenta:60 "
          "setenta:70 ochenta:80 noventa:90 cien:100 ciento:100 mil:1000 millón:1000000 "
          "millones:1000000 doble:2 triple:3 segundo:2 segunda:2 tercer:3 tercero:3 tercera:3" },
    { .language = "it", .decimal_comma = true, .elision = true,
      .function_words =
          "il lo la l i gli le un uno una di d del dello della dell dei degli delle a al allo alla all ai "
          "agli alle da dal dallo dalla dall dai dagli dalle in nel nello nella nell nei negli nelle su "
          "sul sullo sulla sull sui sugli sulle con per tra fra e ed o od ma se allora che chi cui quale "
          "quali quando dove perché come cosa io mi me mio mia miei mie noi ci ce nostro nostra nostri "
          "nostre tu ti te tuo tua tuoi tue voi vi ve vostro vostra egli lui lei esso essa loro si suo "
          "sua suoi sue questo questa questi queste quest quello quella quelli quelle quel quell ciò è "
          "sono sei siamo siete era erano stato stata stati essere sarà saranno sarebbe sia ho hai ha "
          "abbiamo avete hanno aveva avere avuto può possono potere potrebbe deve devono dovere dovrebbe "
          "c tutto tutti tutta tutte molto più meno anche ancora già stesso stessa così quindi poi dopo "
          "prima durante verso contro fino sotto sopra",
      .negations = "non no mai niente nulla nessun nessuno nessuna né senza neanche nemmeno neppure",
      .numbers =
          "zero:0 due:2 tre:3 quattro:4 cinque:5 sette:7 otto:8 nove:9 dieci:10 undici:11 dodici:12 "
          "tredici:13 quattordici:14 quindici:15 sedici:16 venti:20 trenta:30 quaranta:40 cinquanta:50 "
          "sessanta:60 settanta:70 ottanta:80 novanta:90 cento:100 mille:1000 mila:1000 "
          "milione:1000000 milioni:1000000 doppio:2 terzo:3 terza:3" },
    { .language = "nl", .decimal_comma = true,
      .function_words =
          "de het een 't en of maar als dan dus omdat terwijl wanneer waar welke wie wat waarom hoe ik me "
          "mij mijn wij we ons onze jij je jou jouw jullie u uw hij hem zijn zij ze haar hun hen het zich "
          "dit dat deze die ben bent is was waren geweest zijn worden wordt werd werden geworden heb hebt "
          "heeft hebben had hadden kan kunnen kon konden zou zouden zal zullen moet moeten moest mag mogen "
          "wil willen te van in op aan bij door voor met naar over om onder uit tot tussen sinds tegen "
          "tijdens na er daar hier alle alles al ook nog maar zeer meer heel zo men iets iemand elk elke "
          "ieder iedere zelf toch wel ter ten",
      .negations = "niet geen nooit niemand niets nergens noch zonder nee",
      .numbers =
          "nul:0 twee:2 drie:3 vier:4 vijf:5 zes:6 zeven:7 acht:8 negen:9 tien:10 elf:11 twaalf:12 "
          "dertien:13 veertien:14 vijftien:15 zestien:16 twintig:20 dertig:30 veertig:40 vijftig:50 "
          "zestig:60 zeventig:70 tachtig:80 negentig:90 honderd:100 duizend:1000 miljoen:1000000 "
          "dubbel:2 tweede:2 derde:3 half:.5 halve:.5" },
    { .language = "pt", .decimal_comma = true,
      .function_words =
          "o a os as um uma uns umas de do da dos das em no na nos nas num numa ao à aos às por pelo pela "
          "pelos pelas para pra com e ou mas se então que quando onde quem qual quais cujo porque porquê "
          "como eu me mim meu minha meus minhas nós nosso nossa nossos nossas tu te ti teu tua você vocês "
          "vosso ele ela eles elas lhe lhes seu sua seus suas este esta estes estas isto esse essa esses "
          "essas isso aquele aquela aquilo é sou és somos são era eram foi foram sido ser será serão seria "
          "seja está estão estar estava estou estamos há haver tem têm ter tinha tinham pode podem poder "
          "poderia deve devem dever deveria sobre entre até desde durante antes depois sob contra todo "
          "todos toda todas tudo muito mais menos também já ainda mesmo mesma tão tanto outro outra outros "
          "outras assim pois lá aqui",
      .negations = "não nunca jamais nada ninguém nenhum nenhuma nem sem",
      .numbers =
          "zero:0 dois:2 duas:2 três:3 quatro:4 cinco:5 seis:6 sete:7 oito:8 nove:9 dez:10 onze:11 doze:12 "
          "treze:13 quatorze:14 catorze:14 quinze:15 vinte:20 trinta:30 quarenta:40 cinquenta:50 "
          "sessenta:60 setenta:70 oitenta:80 noventa:90 cem:100 cento:100 mil:1000 milhão:1000000 "
          "milhões:1000000 dobro:2 terceiro:3 terceira:3" },
    { .language = "sv", .decimal_comma = true,
      .function_words =
          "en ett den det de dem och eller men om då än så eftersom medan när var vilken vilket vilka vem "
          "vad varför hur jag mig min mitt mina vi oss vår vårt våra du dig din ditt dina ni er ert era han "
          "honom hans hon henne hennes sig sin sitt sina deras denna detta dessa man är vara var varit blir "
          "bli blev blivit har ha hade haft kan kunna kunde ska skall skulle måste bör borde vill vilja "
          "ville får få fick att till från i på av för med hos genom mellan under över efter före vid åt "
          "mot sedan som där här alla allt också bara ännu redan mycket mer mest någon något några varje "
          "sådan samma själv ju nog väl per",
      .negations = "inte ej icke ingen inget inga aldrig ingenting varken utan nej",
      .numbers =
          "noll:0 två:2 tre:3 fyra:4 fem:5 sex:6 sju:7 åtta:8 nio:9 tio:10 elva:11 tolv:12 tretton:13 "
          "fjorton:14 femton:15 sexton:16 tjugo:20 trettio:30 fyrtio:40 femtio:50 sextio:60 sjuttio:70 "
          "åttio:80 nittio:90 hundra:100 tusen:1000 miljon:1000000 miljoner:1000000 dubbel:2 "
          "tredje:3 halv:.5 halva:.5" },
    { .language = "da", .decimal_comma = true,
      .function_words =
          "en et den det de dem og eller men hvis så end fordi mens når hvor hvilken hvilket hvilke hvem "
          "hvad hvorfor hvordan jeg mig min mit mine vi os vores du dig din dit dine i jer jeres han ham "
          "hans hun hende hendes sig sin sit sine deres denne dette disse man er være var været bliver "
          "blive blev blevet har have havde haft kan kunne skal skulle må måtte bør burde vil ville får få "
          "fik at til fra på af for med hos gennem mellem under over efter før ved mod siden som der her "
          "alle alt også kun endnu allerede meget mere mest nogen noget nogle hver sådan samme selv jo nok "
          "vel om ad per",
      .negations = "ikke ej ingen intet aldrig ingenting hverken uden nej",
      .numbers =
          "nul:0 to:2 tre:3 fire:4 fem:5 seks:6 syv:7 otte:8 ni:9 ti:10 elleve:11 tolv:12 tretten:13 "
          "fjorten:14 femten:15 seksten:16 tyve:20 tredive:30 fyrre:40 halvtreds:50 tres:60 halvfjerds:70 "
          "firs:80 halvfems:90 hundrede:100 tusind:1000 million:1000000 millioner:1000000 dobbelt:2 "
          "tredje:3 halv:.5 halve:.5" },
    { .language = "pl", .decimal_comma = true,
      .function_words =
          "i a oraz lub albo ale lecz jeśli jeżeli gdy kiedy gdzie który która które którzy kto co czego "
          "dlaczego jak jaki jaka jakie ja mnie mi mną mój moja moje my nas nam nami nasz nasza nasze ty "
          "ciebie ci tobą twój twoja twoje wy was wam wasz wasza on jego go jemu mu nim ona jej ją nią ono "
          "oni one ich im nimi się siebie swój swoja swoje ten ta to ci te tego tej tych tym tymi tę ową "
          "jest jestem są byłem był była było byli być będzie będą by bym mam ma mają mieć miał może mogą "
          "móc można powinien powinna powinno trzeba musi muszą w we na z ze do od dla po przy przez nad "
          "pod przed za o u między wśród podczas ku że żeby aby bo ponieważ więc tak tu tam już jeszcze "
          "także też tylko bardzo bardziej więcej wszystko wszyscy wszystkie każdy każda każde sam sama "
          "taki taka takie coś ktoś niech",
      .negations = "nie nigdy nikt nikogo nic niczego nigdzie żaden żadna żadne żadnych ani bez",
      .numbers =
          "zero:0 dwa:2 dwie:2 dwóch:2 trzy:3 trzech:3 cztery:4 czterech:4 pięć:5 sześć:6 siedem:7 osiem:8 "
          "dziewięć:9 dziesięć:10 jedenaście:11 dwanaście:12 piętnaście:15 dwadzieścia:20 trzydzieści:30 "
          "czterdzieści:40 pięćdziesiąt:50 sto:100 tysiąc:1000 tysięcy:1000 milion:1000000 drugi:2 druga:2 "
          "drugie:2 trzeci:3 trzecia:3 trzecie:3 pół:.5" },
    { .language = "ru", .decimal_comma = true, .function_words = "",
      .negations = "не нет ни без никогда никто ничто ничего нигде нельзя",
      .numbers = "два:2 две:2 три:3 четыре:4 пять:5 шесть:6 семь:7 восемь:8 девять:9 десять:10" },
    { .language = "uk", .decimal_comma = true, .function_words = "",
      .negations = "не ні немає без ніколи ніхто ніщо нічого ніде", .numbers = "" },
    { .language = "ar", .function_words = "", .negations = "لا ليس ليست لم لن بدون دون غير بلا", .numbers = "" },
    { .language = "no", .decimal_comma = true, .function_words = "",
      .negations = "ikke ingen intet aldri ingenting verken uten nei", .numbers = "" },
    { .language = "tr", .decimal_comma = true, .function_words = "",
      .negations = "değil yok hiç hayır", .numbers = "" },
    { .language = "zh", .function_words = "的 了 是 在 和 也 就 都 而 及 与 着 或 我 你 他 她 它 这 那 有 个 们 把 被 对 为 上 下",
      .negations = "不 没 沒 无 無 非 别 勿 未", .numbers = "零:0 两:2 兩:2 二:2 三:3 四:4 五:5 六:6 七:7 八:8 九:9 十:10 百:100 千:1000 万:10000 萬:10000" },
    { .language = "ja", .function_words = "",
      .negations = "ない なく ませ せん 不 無 非 未", .numbers = "二:2 三:3 四:4 五:5 六:6 七:7 八:8 九:9 十:10 百:100 千:1000 万:10000" },
    { .language = "ko", .function_words = "", .negations = "안 못 않는 않은 않다 않습니다 없는 없이 없다 없습니다 아닌 아니다", .numbers = "" },
};
/* clang-format on */

enum { LIST_COUNT = sizeof lists / sizeof lists[0] };

struct lexicon {
    const struct list *list; /* NULL: none for this language */
    struct arena *arena;
    struct names words;
    struct lexicon_entry *entries; /* by the word's number */
    uint32_t capacity;
};

static struct lexicon_entry *entry_of(struct lexicon *lexicon, struct str word)
{
    uint32_t number = names_number(&lexicon->words, word);
    check(number < lexicon->capacity);
    return &lexicon->entries[number];
}

static size_t words_in(const char *words)
{
    size_t count = 1;
    for (const char *c = words; *c != '\0'; c++)
        count += *c == ' ';
    return count;
}

static void add_numbers(struct lexicon *lexicon, struct str rest)
{
    while (rest.size > 0) {
        struct str value = str_cut(&rest, ' '), word = str_cut(&value, ':');
        struct lexicon_entry *entry = entry_of(lexicon, word);
        entry->has_number = true;
        check(table_number(value, &entry->number));
    }
}

static void add_list(struct lexicon *lexicon)
{
    const struct list *list = lexicon->list;
    lexicon->capacity = (uint32_t)(words_in(list->function_words) + words_in(list->negations) +
                                   words_in(list->numbers));
    lexicon->entries = arena_new(lexicon->arena, struct lexicon_entry, lexicon->capacity);
    for (struct str rest = str_from(list->function_words); rest.size > 0;)
        entry_of(lexicon, str_cut(&rest, ' '))->function_word = true;
    for (struct str rest = str_from(list->negations); rest.size > 0;)
        entry_of(lexicon, str_cut(&rest, ' '))->negation = true;
    add_numbers(lexicon, str_from(list->numbers));
}

struct lexicon *lexicon_make(struct arena *arena, const char *language)
{
    struct lexicon *lexicon = arena_new(arena, struct lexicon, 1);
    *lexicon = (struct lexicon){ .arena = arena, .words.arena = arena };
    for (size_t i = 0; i < LIST_COUNT; i++)
        if (strcmp(lists[i].language, language) == 0)
            lexicon->list = &lists[i];
    if (lexicon->list != NULL)
        add_list(lexicon);
    return lexicon;
}

struct lexicon_entry lexicon_find(const struct lexicon *lexicon, struct str word)
{
    uint32_t number = names_find(&lexicon->words, word);
    return number == NAMES_NONE ? (struct lexicon_entry){ 0 } : lexicon->entries[number];
}

bool lexicon_has_decimal_comma(const struct lexicon *lexicon)
{
    return lexicon->list != NULL && lexicon->list->decimal_comma;
}

bool lexicon_has_elision(const struct lexicon *lexicon)
{
    return lexicon->list != NULL && lexicon->list->elision;
}
