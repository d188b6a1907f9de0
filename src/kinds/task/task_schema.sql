-- What a campaign of tasks asks, demands and pays. A row is there once the work was described; the price may rise, the
-- rest stays as it is when the campaign has opened.
CREATE TABLE task_rules (
    campaign_id    BIGINT NOT NULL PRIMARY KEY,
    task_template  TEXT NOT NULL,           -- 'choose', 'describe', 'write', 'rate', 'transcribe', 'box', 'form'
    ask            TEXT NOT NULL,           -- one line above each item
    instructions   TEXT NOT NULL,           -- Markdown
    choices        TEXT NOT NULL,           -- one a line; for 'choose'
    form           TEXT NOT NULL,           -- for 'form': see task_form.h
    scale          BIGINT NOT NULL,         -- for 'rate': from 1 to this
    scale_low      TEXT NOT NULL,           -- what 1 means
    scale_high     TEXT NOT NULL,
    price          BIGINT NOT NULL,         -- of an answer, in minor units of the campaign's currency
    answers_least  BIGINT NOT NULL,
    answers_most   BIGINT NOT NULL,         -- as answers_least: a fixed number
    certainty      BIGINT NOT NULL,         -- an item is settled from this many hundredths of a percent on
    lease_seconds  BIGINT NOT NULL,
    accept_seconds BIGINT NOT NULL,         -- an answer nobody rejects is accepted after so long
    reject_percent BIGINT NOT NULL,         -- at most so many of the answers may be rejected
    control_every  BIGINT NOT NULL,         -- one in so many is a control whose answer is known; 0: none
    quality_least  BIGINT NOT NULL,         -- in percent: who is surely below is asked no more
    judges         INTEGER NOT NULL, -- bool: of texts somebody else picks the best where the writers leave doubt
    changed_at     BIGINT NOT NULL
) /*sqlite WITHOUT ROWID */;

-- One thing to be worked on. What people may be given it is `takes`: whether fewer have it or answered it than wanted.
CREATE TABLE task_item (
    campaign_id  BIGINT NOT NULL,
    task_item_id BIGINT NOT NULL,
    item_key     TEXT NOT NULL,             -- the owner's own name for it, or its number in the file
    shown        TEXT NOT NULL,             -- what is shown, as text
    item_data    TEXT NOT NULL,             -- the row it came from, as a JSON object
    picture_blob TEXT NOT NULL,
    is_control   INTEGER NOT NULL, -- bool: its answer is known
    known_answer TEXT NOT NULL,
    known_why    TEXT NOT NULL,             -- shown to who answered otherwise
    item_state   TEXT NOT NULL,             -- 'open', 'settled', 'undecided', 'broken'
    wanted       BIGINT NOT NULL,           -- answers, each of them paid for
    given        BIGINT NOT NULL,
    out_count    BIGINT NOT NULL,           -- people who have it now
    takes        INTEGER NOT NULL, -- bool: item_state is 'open' and given + out_count < wanted
    bucket       BIGINT NOT NULL,           -- 0 … 15 by chance, so that people are not given the same at once
    judging      INTEGER NOT NULL, -- bool: who is given it now picks the best of its texts
    need         BIGINT NOT NULL,           -- the more, the sooner it is given out; 0 … 1,000,000
    judged       BIGINT NOT NULL,           -- answers that the engine has weighed; another number than given: to be done
    reports      BIGINT NOT NULL,           -- people who said that it is broken
    answer       TEXT NOT NULL,             -- the best one so far
    caption      TEXT NOT NULL,
    confidence   DOUBLE PRECISION NOT NULL,
    settled_at   BIGINT NOT NULL,
    PRIMARY KEY (campaign_id, task_item_id)
) /*sqlite WITHOUT ROWID *//*postgres WITH (fillfactor = 80) */;
CREATE INDEX task_item_to_give ON task_item (campaign_id, is_control, bucket, need DESC, task_item_id) WHERE takes = 1;
CREATE INDEX task_item_by_state ON task_item (campaign_id, item_state, is_control, task_item_id);
CREATE INDEX task_item_to_judge ON task_item (campaign_id, task_item_id) WHERE given <> judged;
CREATE UNIQUE INDEX task_item_by_key ON task_item (campaign_id, item_key);

-- How many items there are and how they stand, by bucket: what would else be counted at each view. Derived.
CREATE TABLE task_count (
    campaign_id BIGINT NOT NULL,
    bucket      BIGINT NOT NULL,
    items       BIGINT NOT NULL,            -- to be worked on; without controls, as what follows
    settled     BIGINT NOT NULL,
    undecided   BIGINT NOT NULL,
    broken      BIGINT NOT NULL,
    controls    BIGINT NOT NULL,
    pictures    BIGINT NOT NULL,            -- items and controls that are pictures
    PRIMARY KEY (campaign_id, bucket)
) /*sqlite WITHOUT ROWID *//*postgres WITH (fillfactor = 50) */;

-- A long list of items that was checked and is being brought in, some thousand in a transaction (task_intake.c). The row
-- goes when all are there.
CREATE TABLE task_intake (
    campaign_id    BIGINT NOT NULL,
    task_intake_id BIGINT NOT NULL,
    list_blob      TEXT NOT NULL,
    read_bytes     BIGINT NOT NULL,         -- of the list, by now
    rows_all       BIGINT NOT NULL,         -- of the file that was sent,
    rows_in        BIGINT NOT NULL,         --   and those taken in by now
    work_left      BIGINT NOT NULL,         -- items to be worked on that are still to come, and paid for like those here
    PRIMARY KEY (campaign_id, task_intake_id)
) /*sqlite WITHOUT ROWID */;

-- One person and one item: given out, then answered, then judged. The primary key is what keeps anybody from having
-- an item twice. `fence` rises whenever the item is given to the person again; an answer must carry it.
CREATE TABLE task_answer (
    campaign_id    BIGINT NOT NULL,
    task_item_id   BIGINT NOT NULL,
    person_id      BIGINT NOT NULL,
    task_answer_id BIGINT NOT NULL,
    fence          BIGINT NOT NULL,
    answer_state   TEXT NOT NULL,           -- see task.h
    price          BIGINT NOT NULL,         -- as it was when the item was given out
    answer         TEXT NOT NULL,
    caption        TEXT NOT NULL,
    taken_at       BIGINT NOT NULL,
    until_at       BIGINT NOT NULL,         -- then it goes back
    given_at       BIGINT NOT NULL,
    accept_at      BIGINT NOT NULL,
    skip_reason    TEXT NOT NULL,
    reject_rule    TEXT NOT NULL,
    reject_reason  TEXT NOT NULL,
    judged_by      BIGINT NOT NULL, -- is person_id
    appeal         TEXT NOT NULL,
    appeal_answer  TEXT NOT NULL,
    is_control     INTEGER NOT NULL, -- bool
    is_judgement   INTEGER NOT NULL, -- bool: it picks one of the texts others wrote, or none of them
    pick           BIGINT NOT NULL, -- is task_answer_id: the text a judgement picked; 0: none; -1: one that was erased
    PRIMARY KEY (campaign_id, task_item_id, person_id)
) /*sqlite WITHOUT ROWID */;
CREATE UNIQUE INDEX task_answer_by_id ON task_answer (campaign_id, task_answer_id);
CREATE INDEX task_answer_of_person ON task_answer (campaign_id, person_id, answer_state, task_answer_id);
CREATE INDEX task_answer_out ON task_answer (campaign_id, until_at) WHERE answer_state = 'out';
CREATE INDEX task_answer_to_accept ON task_answer (campaign_id, accept_at) WHERE answer_state = 'given';
CREATE INDEX task_answer_appealed ON task_answer (campaign_id, task_answer_id) WHERE answer_state = 'appealed';

-- How somebody works in a campaign: counts that follow from the answers, and whether they may go on.
CREATE TABLE task_worker (
    campaign_id    BIGINT NOT NULL,
    person_id      BIGINT NOT NULL,
    worker_state   TEXT NOT NULL,           -- 'working', 'stopped'
    state_reason   TEXT NOT NULL,
    given          BIGINT NOT NULL,         -- answers,
    accepted       BIGINT NOT NULL,         --   of which so many were accepted,
    rejected       BIGINT NOT NULL,         --   and so many rejected and not paid after all
    controls       BIGINT NOT NULL,
    controls_right BIGINT NOT NULL,
    worked_us      BIGINT NOT NULL,
    quality        DOUBLE PRECISION NOT NULL, -- expected share of right answers; -1: not known
    quality_low    DOUBLE PRECISION NOT NULL,
    quality_high   DOUBLE PRECISION NOT NULL,
    created_at     BIGINT NOT NULL,
    PRIMARY KEY (campaign_id, person_id)
) /*sqlite WITHOUT ROWID *//*postgres WITH (fillfactor = 50) */;
CREATE INDEX task_worker_of_person ON task_worker (person_id, campaign_id);

-- Items to practise on: their answers are known, and what is answered to them counts for nothing.
CREATE TABLE task_practice (
    campaign_id      BIGINT NOT NULL,
    task_practice_id BIGINT NOT NULL,
    item_key         TEXT NOT NULL,
    shown            TEXT NOT NULL,
    item_data        TEXT NOT NULL,         -- the row it came from, as a JSON object
    picture_blob     TEXT NOT NULL,
    known_answer     TEXT NOT NULL,
    known_why        TEXT NOT NULL,
    PRIMARY KEY (campaign_id, task_practice_id)
) /*sqlite WITHOUT ROWID */;
CREATE UNIQUE INDEX task_practice_by_key ON task_practice (campaign_id, item_key);

-- One try of one person at one of them. The time that a first one took says how long the work takes.
CREATE TABLE task_try (
    campaign_id      BIGINT NOT NULL,
    person_id        BIGINT NOT NULL,
    task_try_id      BIGINT NOT NULL,
    task_practice_id BIGINT NOT NULL,
    is_first         INTEGER NOT NULL, -- bool: the person had not had this one before
    answer           TEXT NOT NULL,
    is_right         INTEGER NOT NULL, -- bool
    shown_at         BIGINT NOT NULL,
    answered_at      BIGINT NOT NULL,       -- 0: not yet
    took_us          BIGINT NOT NULL,
    PRIMARY KEY (campaign_id, person_id, task_try_id)
) /*sqlite WITHOUT ROWID */;
CREATE INDEX task_try_by_time ON task_try (campaign_id, took_us) WHERE is_first = 1 AND answered_at > 0;

-- What an organisation asks of its own campaigns of tasks.
CREATE TABLE task_house (
    organisation_id BIGINT NOT NULL PRIMARY KEY,
    floor_minor     BIGINT NOT NULL,        -- an hour should bring so much; 0: no floor
    floor_currency  TEXT NOT NULL,
    changed_at      BIGINT NOT NULL
) /*sqlite WITHOUT ROWID */;

-- What is asked of people before they may work; no row: nothing.
CREATE TABLE task_admission (
    campaign_id  BIGINT NOT NULL PRIMARY KEY,
    test_items   BIGINT NOT NULL,           -- controls to be answered first, unpaid; 0: no test
    test_percent BIGINT NOT NULL,           -- of them right
    test_tries   BIGINT NOT NULL,
    languages    TEXT NOT NULL,             -- any of these (people/languages.h); '': whatever people speak
    skills       TEXT NOT NULL,             -- any of these: ids of task_skill, a space between two; '': none is asked
    gives_skill  BIGINT NOT NULL, -- is task_skill_id
                                            -- what passing the test earns; 0: nothing
    changed_at   BIGINT NOT NULL
) /*sqlite WITHOUT ROWID */;

-- One try of one person at the test.
CREATE TABLE task_test (
    campaign_id  BIGINT NOT NULL,
    person_id    BIGINT NOT NULL,
    test_try     BIGINT NOT NULL,           -- 1, 2, …
    test_state   TEXT NOT NULL,             -- 'running', 'passed', 'failed'
    test_percent BIGINT NOT NULL,           -- as it was when the try began
    asked        BIGINT NOT NULL,
    asked_right  BIGINT NOT NULL,           -- once it is over
    begun_at     BIGINT NOT NULL,
    ended_at     BIGINT NOT NULL,
    PRIMARY KEY (campaign_id, person_id, test_try)
) /*sqlite WITHOUT ROWID */;

-- The controls that were drawn for it. Each has a row in task_answer, too, in the state 'tested': so it is never given
-- to the same person as work.
CREATE TABLE task_test_answer (
    campaign_id  BIGINT NOT NULL,
    person_id    BIGINT NOT NULL,
    task_item_id BIGINT NOT NULL,
    test_try     BIGINT NOT NULL,
    place        BIGINT NOT NULL,
    answer       TEXT NOT NULL,
    is_right     INTEGER NOT NULL, -- bool
    answered_at  BIGINT NOT NULL,           -- 0: not yet
    PRIMARY KEY (campaign_id, person_id, task_item_id)
) /*sqlite WITHOUT ROWID */;
CREATE INDEX task_test_answer_of_item ON task_test_answer (campaign_id, task_item_id);

-- Known answers that were wrong: what stood there before, and why it was changed. Item 0: answers were erased, and what
-- was learnt from them is to be forgotten, too.
CREATE TABLE task_correction (
    campaign_id  BIGINT NOT NULL,
    task_item_id BIGINT NOT NULL,
    corrected_at BIGINT NOT NULL,
    known_before TEXT NOT NULL,
    reason       TEXT NOT NULL,
    corrected_by BIGINT NOT NULL, -- is person_id
    PRIMARY KEY (campaign_id, task_item_id, corrected_at)
) /*sqlite WITHOUT ROWID */;

-- Rejections that their workers have not been written of yet. They are collected, whatever their campaign, so that
-- nobody gets more than one such mail a day.
CREATE TABLE task_news (
    person_id      BIGINT NOT NULL,
    campaign_id    BIGINT NOT NULL,
    task_answer_id BIGINT NOT NULL,
    PRIMARY KEY (person_id, campaign_id, task_answer_id)
) /*sqlite WITHOUT ROWID */;
CREATE TABLE task_letter (
    person_id BIGINT NOT NULL PRIMARY KEY,
    due_at    BIGINT NOT NULL,              -- 0: nothing is waiting
    sent_at   BIGINT NOT NULL               -- of the last one; 0: none yet
) /*sqlite WITHOUT ROWID */;
CREATE INDEX task_letter_due ON task_letter (due_at) WHERE due_at > 0;

-- What an organisation calls the skills of its people, and who has them: given by its team, or earned by a test.
CREATE TABLE task_skill (
    organisation_id BIGINT NOT NULL,
    task_skill_id   BIGINT NOT NULL,
    name            TEXT NOT NULL,
    created_at      BIGINT NOT NULL,
    PRIMARY KEY (organisation_id, task_skill_id)
) /*sqlite WITHOUT ROWID */;
CREATE UNIQUE INDEX task_skill_by_name ON task_skill (organisation_id, name);

CREATE TABLE task_skill_held (
    organisation_id BIGINT NOT NULL,
    task_skill_id   BIGINT NOT NULL,
    person_id       BIGINT NOT NULL,
    campaign_id     BIGINT NOT NULL,        -- whose test it was earned in; 0: given by the team
    created_at      BIGINT NOT NULL,
    PRIMARY KEY (organisation_id, task_skill_id, person_id)
) /*sqlite WITHOUT ROWID */;
CREATE INDEX task_skill_of_person ON task_skill_held (person_id, organisation_id);
