// Everything that the page itself says, in one place for each language.
export const texts = {
  unreachable: "Non riesco a raggiungere il servizio. Il messaggio non è perso.",
  tooFast: "Troppi messaggi in poco tempo: aspetta un momento e riprova.",
  tooLong: "Il messaggio è troppo lungo: al massimo 2.000 caratteri.",
  refused: "Questo messaggio non si può inviare così.",
  retry: "Invia di nuovo",
  typing: "Portiere sta scrivendo",
  ended: "La conversazione precedente è finita: ne è cominciata una nuova.",
  picture: "Disegno della pagina di registrazione: il primo pulsante è «Accedi con un account esistente»",
  you: "Tu",
  bot: "Portiere",
};
