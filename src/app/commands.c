#include "app/commands.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define RANK_HELP                                                                                  \
    "Reads votes from a CSV file (\"-\": standard input) and writes the ranking as CSV, each "     \
    "score "                                                                                       \
    "with\nits 95 % interval and the places the item may stand in. Needs neither server nor "      \
    "database.\n"                                                                                  \
    "\n"                                                                                           \
    "wilson: the lower bound of the share of votes for an item. bayes: the share that is "         \
    "expected\n"                                                                                   \
    "when items are alike as far as all votes say (--prior FOR,AGAINST sets it). Columns: item,\n" \
    "voter, vote (up or down), of which a voter's last on an item counts; or item, up, down.\n"    \
    "\n"                                                                                           \
    "wiki: 100 (wins + 1) / (wins + losses + 2). bradley-terry: the chance to win against an\n"    \
    "average item, where a voter's choices weigh 1 in all about any item (--unweighted: each 1;\n" \
    "--prior SD: how far strengths lie apart, 1). Columns: winner (or Winner ID), loser, voter "   \
    "(or\n"                                                                                        \
    "Session ID). --only Valid=TRUE takes only rows that say so in this column.\n"                 \
    "\n"                                                                                           \
    "jury: marks of judges, adjusted for each judge's severity and spread, beside the raw mean;\n" \
    "--judges lists the judges instead. Columns: item, judge, score.\n"                            \
    "\n"                                                                                           \
    "--screen adds the ranking without suspicious votes: bursts, many accounts of one origin, "    \
    "and\n"                                                                                        \
    "accounts that vote for one entry only. Columns time and origin are used where there are "     \
    "any.\n"                                                                                       \
    "--agreement writes Krippendorff's alpha of columns item, judge, score. --next writes the N\n" \
    "pairs that are best shown next: those whose items were seen least (catch-up), or from "       \
    "whose\n"                                                                                      \
    "choice most is learnt (gain). Intervals come from --draws draws (400) beginning with "        \
    "--seed.\n"

const struct command commands[] = {
    { "serve", "", "runs the server",
      "Brings the database's schema up to date, serves pages and the API, runs the jobs, and "
      "stops\n"
      "gracefully on SIGTERM and SIGINT: what was accepted is finished first. When there is no\n"
      "organisation yet, it prints an address with a one-time token where the first one is made.\n",
      run_serve },
    { "setup",
      "--name NAME --email ADDRESS --person NAME [--colour-1 #RRGGBB] [--colour-2 #RRGGBB]",
      "makes the first organisation and its owner",
      "The owner's password is read from the environment variable MANYHANDS_OWNER_PASSWORD, or "
      "from\n"
      "the first line of standard input. Does nothing but say so when there is an organisation.\n",
      run_setup },
    { "import",
      "ideas FILE [--campaign ID | --question TEXT] [--open]\n"
      "       manyhands import people FILE [--token SCOPE]",
      "takes in ideas or people from a CSV file",
      "ideas: a heading line names the columns: title (or idea, comment-body), text, category, "
      "author,\n"
      "author-id, moderated (-1: refused), timestamp (milliseconds). Without --campaign a new one "
      "is\n"
      "made, as a draft, or open with --open, for 30 days. Each row is accepted or refused with "
      "its\n"
      "reason; either everything that can be taken in is, or nothing. FILE \"-\" is standard "
      "input.\n"
      "\n"
      "people: columns email and name. The addresses count as confirmed: you vouch for them. With\n"
      "--token (read, participate, moderate or manage) each gets a bearer token, and the output "
      "is\n"
      "CSV: email,person_id,token.\n",
      run_import },
    { "export", "csv|json|opinions|record CAMPAIGN",
      "writes a campaign's ideas, or its record, to standard output",
      "csv: the ideas with their numbers. json: ideas, comments and opinions. opinions: what "
      "people\n"
      "think of the ideas, as `manyhands groups` reads it. record: the public record, as\n"
      "`manyhands verify` reads it.\n",
      run_export },
    { "verify", "FILE", "recomputes a public record",
      "Reads a record file (from a campaign's page Record, or `manyhands export record`), "
      "recomputes\n"
      "every hash and every commitment whose words are shown, and says what holds. Needs neither\n"
      "server nor database. Exits with 1 when something does not hold.\n",
      run_verify },
    { "infer",
      "[--method M] [--gold FILE] [--truth FILE] [--workers FILE] [--seed N]\n"
      "         [--threads N] FILE\n"
      "       manyhands infer --boxes [--workers FILE] FILE\n"
      "       manyhands infer --status|--next N [--for WORKER]|--replay N [--certainty P]\n"
      "         [--least N] [--most N] [--control P] [--gold FILE] [--truth FILE] [--seed N] FILE",
      "infers one truth for each item from many workers' answers",
      "FILE is CSV with the columns item (or task), worker and label; \"-\" is standard input. "
      "Writes\n"
      "item,label,confidence. Needs neither server nor database.\n"
      "\n"
      "--method: majority, wawa, dawid-skene, one-coin, ibcc, glad, mace, zencrowd, or auto (the\n"
      "default), which chooses by how many answers there are and says so. For numbers: mean, "
      "median\n"
      "or lfc-n; writes item,value,lower,upper. For captions and transcripts: text, which chooses "
      "the\n"
      "answer nearest to the others; writes item,label,agreement.\n"
      "--gold: CSV with item and truth; these items are taken as known.\n"
      "--truth: the same, to compare with: accuracy and F1 go to standard error.\n"
      "--workers: writes worker,answers,quality to this file.\n"
      "--threads: so many threads (up to 2) share the work on 65,536 answers or more; the result "
      "is\n"
      "the same for any number.\n"
      "\n"
      "--boxes: columns item, worker, x, y, width and height; chooses for each item the box that\n"
      "shares most with the others, and writes item,x,y,width,height,agreement.\n"
      "\n"
      "While answers still come in, rows in the order in which they came: --status writes for "
      "each\n"
      "item item,label,confidence,answers,status, where the status is settled (its probability\n"
      "reaches --certainty, .99, by at least --least answers, 3), open, or undecided (--most "
      "answers\n"
      "did not settle it). --next writes the N items that most need another answer, with --for of\n"
      "those that this worker did not answer, first where their answer helps most. --replay gives\n"
      "each item's answers in N random orders, asking only where a further answer is needed, and\n"
      "writes figure,mean,deviation; with --truth accuracy too, beside that of all answers. The\n"
      "certainty is raised by itself where labels that seemed settled do not stay; --control is "
      "the\n"
      "share of settled items that are asked as often again to find out (.05).\n",
      run_infer },
    { "migrate", "", "brings the database's schema up to date",
      "Applies the migrations that are missing, each in one transaction, and says which. `serve` "
      "does\n"
      "the same when it starts.\n",
      run_migrate },
    { "rebuild", "[--check]", "makes derived numbers and the search index anew from the facts",
      "Tallies, scores, ballots, counts, balances, opinion maps, the moderation queue, likenesses "
      "and\n"
      "the search index are derived. This recomputes them and says how many differed. With "
      "--check\n"
      "nothing is changed, and it exits with 1 if any differed.\n",
      run_rebuild },
    { "ledger", "check", "proves the balances of all ledgers from their entries",
      "Recomputes every account from the transfers, and checks that all add up to 0 and none is\n"
      "below it, that each reversal is the opposite of what it reverses, that each payout was "
      "paid\n"
      "as often as its state says, and that batches hold what their lines say. Prints what "
      "differs,\n"
      "and exits with 1 if anything does. `manyhands rebuild` puts balances right.\n",
      run_ledger },
    { "doctor", "[--print-config | --print-permissions]",
      "examines configuration, database, ledgers, files, mail, events and webhooks",
      "Says what is well and what is not, and what to do about it. Exits with 1 when something "
      "needs\n"
      "attention. --print-config writes a configuration file with every setting and its default,\n"
      "--print-permissions a table of who may do what.\n",
      run_doctor },
    { "groups", "[OPTION]... VOTES.csv", "finds groups of people who think alike",
      "Reads votes: columns person (or voter-id, participant), statement (or comment-id) and vote "
      "(1,\n"
      "0, -1, or agree, pass, disagree), and timestamp if votes were changed; the last one counts. "
      "Or a\n"
      "row for each person, with a column for each statement, named by its number. Writes CSV. "
      "Needs\n"
      "neither server nor database.\n"
      "\n"
      "--show people (each one's group, place, and margin to the next group; the default),\n"
      "statements (votes by group, axes, group-informed consensus), representatives (what tells a\n"
      "group from the others, and what majorities say), summary, or map (an SVG picture).\n"
      "\n"
      "--k N: this many groups, instead of 2 to 5 by silhouette. --start FILE: begin with these\n"
      "groups (columns person, group), so that they stay while votes come in. --groups FILE: take\n"
      "these groups as they are. --comments FILE: statements' texts (text or comment-body) and\n"
      "which are out (moderated -1). --min-votes N: leave out who voted less (default 7). --keep\n"
      "A,B: keep these in nevertheless. --agree -1: agreement is written -1. --seed N.\n",
      run_groups },
    { "rank",
      "--method wilson|bayes|wiki|bradley-terry|jury [--only COLUMN=VALUE] [--prior NUMBERS]\n"
      "         [--unweighted] [--screen] [--judges] [--draws N] [--seed N] FILE.csv\n"
      "       manyhands rank --agreement nominal|ordinal|interval FILE.csv\n"
      "       manyhands rank --next N [--by catch-up|gain] FILE.csv",
      "ranks what was voted on, chosen or marked", RANK_HELP, run_rank },
    { "similar",
      "[--threshold T] [--language L] [--lexical] [--threads N] FILE.csv\n"
      "       manyhands similar --to TEXT [OPTION]... FILE.csv\n"
      "       manyhands similar --nearest [OPTION]... FILE.csv\n"
      "       manyhands similar --pairs [OPTION]... FILE.csv",
      "finds texts that say nearly the same",
      "FILE is CSV with a column text (or idea, title), and id and language if there are any; "
      "\"-\" is\n"
      "standard input. Writes group,id,score,differs,text for groups of near-duplicates: the "
      "first of\n"
      "a group leads it, the others reach the threshold (--threshold, .70) with it. \"differs\" "
      "says\n"
      "what speaks against merging a text with the first of its group: numbers, units, a\n"
      "negation, or names. Needs neither server nor database.\n"
      "\n"
      "--to: the five texts nearest to this one instead. --nearest: the five nearest to each, as\n"
      "id,nearest,score,differs. --pairs: the file has columns a and b; writes a,b,score,differs "
      "for\n"
      "each row.\n"
      "\n"
      "--language: what most texts are in (en, de, ...), which decides where a text is too short "
      "to\n"
      "tell; otherwise what all of them together look like. A column language decides for its "
      "row.\n"
      "--lexical: by words and letters alone, as it is for languages other than English and "
      "where the\n"
      "sentence encoder's file is missing ([sift] encoder names it).\n"
      "--threads: so many threads (up to 64; all processors) share the encoder's work; the result "
      "is the\n"
      "same for any number.\n",
      run_similar },
    { "themes", "[--resolution G] [--labels | --svg | --shortlist K] [OPTION]... FILE.csv",
      "finds what many texts are about",
      "FILE is CSV with a column text (or idea, title), and id and language if there are any; "
      "\"-\" is\n"
      "standard input. Writes id,theme,strength,label,text: themes are numbered from 1, the "
      "greatest\n"
      "first, a text that is like no other has none; strength is the share of a text's ties to "
      "its\n"
      "neighbours that stay within its theme. Needs neither server nor database.\n"
      "\n"
      "--resolution: 0.5 for few and broad themes to 8 for many and narrow ones (2).\n"
      "--labels: writes theme,texts,cohesion,label,quote instead, a row for each theme.\n"
      "--svg: writes a picture instead, with a bar for each theme.\n"
      "--shortlist: writes place,id,theme,why,text instead, for K texts that cover the themes; of\n"
      "each theme those with the most support, if there are columns up and down (or agrees and\n"
      "disagrees, or votes). Near-duplicates are one.\n"
      "\n"
      "A column theme holds what people decided: texts with the same name in it stay together "
      "under\n"
      "that name, those with different names stay apart, texts without one may join.\n"
      "\n"
      "--language, --lexical, --threads: as for similar. --truth COLUMN: says how alike themes "
      "and\n"
      "the classes in that column are. --seed: of chance; the same seed gives the same themes.\n",
      run_themes },
    { NULL, NULL, NULL, NULL, NULL },
};

/* roff treats lines that begin with a point or an apostrophe as requests, and backslashes as
 * escapes. */
static void print_roff(const char *text)
{
    bool at_start = true;
    for (const char *c = text; *c != '\0'; c++) {
        if (at_start && (*c == '.' || *c == '\''))
            fputs("\\&", stdout);
        if (*c == '\\')
            fputs("\\e", stdout);
        else if (*c == '-')
            fputs("\\-", stdout);
        else if (*c == '\n' && c[1] == '\n')
            fputs("\n.PP", stdout);
        else
            putchar(*c);
        at_start = *c == '\n';
    }
}

void print_man_page(const struct command *command)
{
    printf(".TH MANYHANDS-");
    for (const char *c = command->name; *c != '\0'; c++)
        putchar(toupper((unsigned char)*c));
    printf(" 1 \"\" \"Manyhands " MANYHANDS_VERSION
           "\"\n.SH NAME\nmanyhands-%s \\- %s\n.SH SYNOPSIS\n",
           command->name, command->summary);
    printf(".nf\nmanyhands %s ", command->name);
    print_roff(command->arguments);
    printf("\n.fi\n.SH DESCRIPTION\n");
    print_roff(command->help);
    puts(".SH SEE ALSO\nmanyhands \\-\\-help; the guide in docs/guide.");
}

/* --- Arguments -------------------------------------------------------------------------------- */

static bool named_in(const char *list, const char *name, size_t size)
{
    for (const char *at = list; (at = strstr(at, name)) != NULL; at += size) {
        bool starts = at == list || at[-1] == ' ';
        if (starts && (at[size] == ' ' || at[size] == '\0'))
            return true;
    }
    return false;
}

const char *option(const struct invocation *in, const char *name)
{
    size_t size = strlen(name);
    for (int i = 0; i < in->argc; i++) {
        const char *a = in->argv[i];
        if (strncmp(a, "--", 2) != 0 || strncmp(a + 2, name, size) != 0)
            continue;
        if (a[2 + size] == '=')
            return a + 2 + size + 1;
        if (a[2 + size] == '\0' && i + 1 < in->argc)
            return in->argv[i + 1];
    }
    return NULL;
}

bool whole_number(const struct invocation *in, const char *name, int64_t least, int64_t most,
                  int64_t otherwise, int64_t *number)
{
    const char *text = option(in, name);
    *number = otherwise;
    if (text == NULL)
        return true;
    if (str_to_int64(str_from(text), number) && *number >= least && *number <= most)
        return true;
    return complain("--%s is a whole number from %lld to %lld", name, (long long)least,
                    (long long)most) == 0;
}

bool flag(const struct invocation *in, const char *name)
{
    for (int i = 0; i < in->argc; i++)
        if (strncmp(in->argv[i], "--", 2) == 0 && strcmp(in->argv[i] + 2, name) == 0)
            return true;
    return false;
}

const char *operand(const struct invocation *in, int n, const char *with_value)
{
    for (int i = 0; i < in->argc; i++) {
        const char *a = in->argv[i];
        if (strncmp(a, "--", 2) == 0) {
            char name[64];
            snprintf(name, sizeof name, "%s", a + 2);
            if (strchr(a, '=') == NULL && named_in(with_value, name, strlen(name)))
                i++;
            continue;
        }
        if (n-- == 0)
            return a;
    }
    return NULL;
}

bool only_options(const struct invocation *in, const char *known)
{
    for (int i = 0; i < in->argc; i++) {
        const char *a = in->argv[i];
        if (strncmp(a, "--", 2) != 0)
            continue;
        char name[64];
        snprintf(name, sizeof name, "%s", a + 2);
        char *equals = strchr(name, '=');
        if (equals != NULL)
            *equals = '\0';
        if (!named_in(known, name, strlen(name))) {
            complain("there is no option --%s here; see --help", name);
            return false;
        }
    }
    return true;
}
