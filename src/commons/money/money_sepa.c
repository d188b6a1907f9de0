/* A batch as a file for the bank: ISO 20022 pain.001.001.09, or a table. */
#include "money_inner.h"

#include "base/buf.h"
#include "platform/html/html.h"

enum { NAME_MAX = 70, PURPOSE_MAX = 140, ID_MAX = 35, DATE_SIZE = 10 };

/* --- XML: names are literals, and text is always escaped -------------------------------------- */

static void xml_open(struct buf *out, const char *name)
{
    buf_printf(out, "<%s>", name);
}

static void xml_close(struct buf *out, const char *name)
{
    buf_printf(out, "</%s>", name);
}

static void xml_text(struct buf *out, struct str text)
{
    for (size_t i = 0; i < text.size; i++) {
        switch (text.data[i]) {
        case '&':
            buf_add(out, S("&amp;"));
            break;
        case '<':
            buf_add(out, S("&lt;"));
            break;
        case '>':
            buf_add(out, S("&gt;"));
            break;
        case '"':
            buf_add(out, S("&quot;"));
            break;
        default:
            buf_char(out, text.data[i]);
        }
    }
}

static void xml_element(struct buf *out, const char *name, struct str text)
{
    xml_open(out, name);
    xml_text(out, text);
    xml_close(out, name);
}

/* Opens `outer`, writes `inner` with its text, closes. */
static void xml_nested(struct buf *out, const char *outer, const char *inner, struct str text)
{
    xml_open(out, outer);
    xml_element(out, inner, text);
    xml_close(out, outer);
}

/* --- pain.001 --------------------------------------------------------------------------------- */

static struct money total_of(const struct sepa_batch *batch)
{
    struct money total = { 0, batch->currency };
    for (size_t i = 0; i < batch->count; i++)
        total.minor += batch->lines[i].minor;
    return total;
}

static void write_name(struct buf *out, const struct sepa_party *party)
{
    xml_element(out, "Nm", sepa_text(out->arena, party->holder, NAME_MAX));
}

static void write_account(struct buf *out, const char *name, const struct sepa_party *party)
{
    xml_open(out, name);
    xml_nested(out, "Id", "IBAN", party->iban);
    xml_close(out, name);
}

static void write_bank(struct buf *out, const char *name, const struct sepa_party *party)
{
    xml_open(out, name);
    xml_open(out, "FinInstnId");
    if (party->bic.size > 0)
        xml_element(out, "BICFI", party->bic);
    else
        xml_nested(out, "Othr", "Id", S("NOTPROVIDED"));
    xml_close(out, "FinInstnId");
    xml_close(out, name);
}

static void write_counts(struct buf *out, const struct sepa_batch *batch)
{
    xml_element(out, "NbOfTxs", str_printf(out->arena, "%zu", batch->count));
    xml_element(out, "CtrlSum", money_number(out->arena, total_of(batch)));
}

static void write_line(struct buf *out, const struct sepa_batch *batch,
                       const struct sepa_line *line)
{
    xml_open(out, "CdtTrfTxInf");
    xml_nested(out, "PmtId", "EndToEndId", str_slice(line->id, 0, ID_MAX));
    xml_open(out, "Amt");
    buf_add(out, S("<InstdAmt Ccy=\""));
    xml_text(out, batch->currency);
    buf_add(out, S("\">"));
    xml_text(out, money_number(out->arena, (struct money){ line->minor, batch->currency }));
    xml_close(out, "InstdAmt");
    xml_close(out, "Amt");
    if (line->payee.bic.size > 0)
        write_bank(out, "CdtrAgt", &line->payee);
    xml_open(out, "Cdtr");
    write_name(out, &line->payee);
    xml_close(out, "Cdtr");
    write_account(out, "CdtrAcct", &line->payee);
    xml_nested(out, "RmtInf", "Ustrd", sepa_text(out->arena, batch->purpose, PURPOSE_MAX));
    xml_close(out, "CdtTrfTxInf");
}

static void write_payment(struct buf *out, const struct sepa_batch *batch)
{
    xml_open(out, "PmtInf");
    xml_element(out, "PmtInfId", batch->id);
    xml_element(out, "PmtMtd", S("TRF"));
    write_counts(out, batch);
    xml_open(out, "PmtTpInf");
    xml_nested(out, "SvcLvl", "Cd", S("SEPA"));
    xml_close(out, "PmtTpInf");
    xml_nested(out, "ReqdExctnDt", "Dt",
               str_slice(text_iso(out->arena, batch->made_at), 0, DATE_SIZE));
    xml_open(out, "Dbtr");
    write_name(out, &batch->payer);
    xml_close(out, "Dbtr");
    write_account(out, "DbtrAcct", &batch->payer);
    write_bank(out, "DbtrAgt", &batch->payer);
    xml_element(out, "ChrgBr", S("SLEV"));
    for (size_t i = 0; i < batch->count; i++)
        write_line(out, batch, &batch->lines[i]);
    xml_close(out, "PmtInf");
}

struct str sepa_xml(struct arena *arena, const struct sepa_batch *batch)
{
    struct buf out = { .arena = arena };
    buf_add(&out, S("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                    "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.001.001.09\">"));
    xml_open(&out, "CstmrCdtTrfInitn");
    xml_open(&out, "GrpHdr");
    xml_element(&out, "MsgId", batch->id);
    xml_element(&out, "CreDtTm", text_iso(arena, batch->made_at));
    write_counts(&out, batch);
    xml_open(&out, "InitgPty");
    write_name(&out, &batch->payer);
    xml_close(&out, "InitgPty");
    xml_close(&out, "GrpHdr");
    write_payment(&out, batch);
    xml_close(&out, "CstmrCdtTrfInitn");
    xml_close(&out, "Document");
    buf_char(&out, '\n');
    return buf_str(&out);
}

/* --- A table ---------------------------------------------------------------------------------- */

struct str sepa_csv(struct arena *arena, const struct sepa_batch *batch)
{
    struct buf out = { .arena = arena };
    buf_add(&out, S("name,iban,bic,amount,currency,reference,purpose\r\n"));
    for (size_t i = 0; i < batch->count; i++) {
        const struct sepa_line *line = &batch->lines[i];
        const struct str cells[] = {
            line->payee.holder, line->payee.iban,
            line->payee.bic,    money_number(arena, (struct money){ line->minor, batch->currency }),
            batch->currency,    line->id,
            batch->purpose,
        };
        for (size_t c = 0; c < sizeof cells / sizeof cells[0]; c++) {
            if (c > 0)
                buf_char(&out, ',');
            text_csv_cell(&out, cells[c]);
        }
        buf_add(&out, S("\r\n"));
    }
    return buf_str(&out);
}
