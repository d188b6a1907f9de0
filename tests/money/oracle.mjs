// What two npm packages say of payouts: reads JSON on standard input.
//   {"ibans": […]}     answers a list: whether ibantools takes each for a valid one
//   {"batch": {…}}     answers the pain.001.001.09 that sepa writes for it
import fs from "node:fs";
import * as ibantools from "ibantools";
import SEPA from "sepa";

const asked = JSON.parse(fs.readFileSync(0, "utf8"));
if (asked.ibans) console.log(JSON.stringify(asked.ibans.map((iban) => ibantools.isValidIBAN(iban))));
if (asked.batch) {
  const { id, created, payer, lines } = asked.batch;
  SEPA.enableValidations(true);
  const file = new SEPA.Document("pain.001.001.09");
  Object.assign(file.grpHdr, { id, created: new Date(created), initiatorName: payer.holder });
  const payment = file.createPaymentInfo();
  Object.assign(payment, { requestedExecutionDate: new Date(created), debtorIBAN: payer.iban, debtorName: payer.holder, batchBooking: false });
  payment.id = id;
  if (payer.bic) payment.debtorBIC = payer.bic;
  file.addPaymentInfo(payment);
  for (const line of lines) {
    const transaction = payment.createTransaction();
    Object.assign(transaction, { creditorName: line.holder, creditorIBAN: line.iban, amount: line.minor / 100, remittanceInfo: line.purpose, end2endId: line.id });
    payment.addTransaction(transaction);
  }
  console.log(file.toString());
}
