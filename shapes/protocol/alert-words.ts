/** What an alert is called and what it means, in one language. */
export interface AlertWords {
  readonly title: string;
  readonly means: string;
}

/** The English and Swedish words of the alerts, by name; one of a newer server may be missing here. */
export const ALERT_WORDS: Readonly<Record<string, { readonly en: AlertWords; readonly sv: AlertWords }>> = {
  postgres_down: {
    en: {
      title: 'Postgres does not answer',
      means:
        'Nothing new can be read or written through this instance. Devices keep what they have and queue what they write.',
    },
    sv: {
      title: 'Postgres svarar inte',
      means:
        'Inget nytt kan läsas eller skrivas genom den här instansen. Enheter behåller vad de har och köar vad de skriver.',
    },
  },
  replication_stopped: {
    en: {
      title: 'Replication has stopped',
      means: 'What is written is safe in Postgres, and reaches no device through this instance.',
    },
    sv: {
      title: 'Replikeringen står stilla',
      means: 'Det som skrivs är tryggt i Postgres, men når ingen enhet genom den här instansen.',
    },
  },
  slot_near_limit: {
    en: {
      title: 'A replication slot is near its limit',
      means:
        'At the limit Postgres throws its WAL away, and all devices of that instance fetch their shapes again; without a limit the disk fills.',
    },
    sv: {
      title: 'En replikeringsslot är nära sin gräns',
      means:
        'Vid gränsen kastar Postgres dess WAL, och instansens alla enheter hämtar sina shapes på nytt; utan gräns blir disken full.',
    },
  },
  feed_silent: {
    en: {
      title: 'A feed is silent',
      means:
        'It has given nothing that could be used for long. Official events are missing; people’s reports go on.',
    },
    sv: {
      title: 'Ett flöde är tyst',
      means:
        'Det har länge inte gett något som kunde användas. Officiella händelser saknas; människors rapporter går vidare.',
    },
  },
  retraining_failed: {
    en: {
      title: 'Retraining failed',
      means: 'The models of before still speak: forecasts go on, a day older.',
    },
    sv: {
      title: 'Omträningen misslyckades',
      means: 'De tidigare modellerna talar än: prognoserna går vidare, en dag äldre.',
    },
  },
  scoring_failed: {
    en: {
      title: 'Scoring failed',
      means: 'The forecasts of before stay in force, and grow old.',
    },
    sv: {
      title: 'Beräkningen misslyckades',
      means: 'De tidigare prognoserna gäller än, och blir äldre.',
    },
  },
  model_unusable: {
    en: {
      title: 'A model cannot be used',
      means: 'The one before it speaks instead: forecasts go on, and are less good.',
    },
    sv: {
      title: 'En modell kan inte användas',
      means: 'Den före den talar i stället: prognoserna går vidare, men är sämre.',
    },
  },
  champion_kept_long: {
    en: {
      title: 'A model has not learnt for long',
      means: 'No newer one was good enough, or none was made. What it knows grows old.',
    },
    sv: {
      title: 'En modell har inte lärt på länge',
      means: 'Ingen nyare var god nog, eller ingen gjordes. Det den vet blir gammalt.',
    },
  },
  backup_failed: {
    en: {
      title: 'Backups are not in order',
      means:
        'The newest one failed, or could not be restored for a trial. The last good one is older than it should be.',
    },
    sv: {
      title: 'Säkerhetskopiorna är inte i ordning',
      means:
        'Den nyaste misslyckades, eller gick inte att återställa på prov. Den senaste goda är äldre än den borde.',
    },
  },
  retention_failed: {
    en: {
      title: 'Retention failed, or is behind',
      means:
        'What should have been forgotten is kept longer than people were promised: the newest run failed, or its time was over before all was done.',
    },
    sv: {
      title: 'Gallringen misslyckades, eller hinner inte med',
      means:
        'Det som skulle ha glömts hålls kvar längre än människor lovats: den senaste körningen misslyckades, eller tog slut innan allt var gjort.',
    },
  },
  job_overdue: {
    en: {
      title: 'A job is overdue',
      means: 'No instance has begun it though it was due: what it does is not done.',
    },
    sv: {
      title: 'Ett jobb är försenat',
      means: 'Ingen instans har börjat det fast det var dags: det som jobbet gör blir inte gjort.',
    },
  },
  error_rate: {
    en: {
      title: 'Many requests fail',
      means: 'One request in twenty, or more, fails on the server’s side. Devices try again; people wait.',
    },
    sv: {
      title: 'Många förfrågningar misslyckas',
      means:
        'Minst en förfrågan av tjugo misslyckas på serverns sida. Enheter försöker igen; människor väntar.',
    },
  },
  alerts_blind: {
    en: {
      title: 'An instance cannot see what to tell',
      means:
        'It could not read something that alerts are made of, or not write them down. What is wrong there is told by nobody, unless another instance sees more.',
    },
    sv: {
      title: 'En instans ser inte vad den ska larma om',
      means:
        'Den kunde inte läsa något som larm görs av, eller inte skriva ned dem. Det som är fel där larmar ingen om, såvida inte en annan instans ser mer.',
    },
  },
  devices_silent: {
    en: {
      title: 'Many devices fell silent together',
      means:
        'One is somebody who closed the app; most of them are a network, a proxy, or an app that was updated.',
    },
    sv: {
      title: 'Många enheter tystnade samtidigt',
      means: 'En är någon som stängt appen; de flesta är ett nätverk, en proxy eller en app som uppdaterats.',
    },
  },
  devices_stalled: {
    en: {
      title: 'Devices get no further',
      means: 'They ask again and again and lack what the server has, or what they send is not settled.',
    },
    sv: {
      title: 'Enheter kommer inte vidare',
      means: 'De frågar gång på gång och saknar vad servern har, eller så avgörs inte det de skickar.',
    },
  },
};
