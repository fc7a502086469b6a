import "../coverage.css";
import { useState } from "react";
import { Button, Chip, Icon, Link, Loaded, Page as Frame, TimeAt, type Tone } from "@/components/ui";
import { useText } from "@/lib/i18n";
import { useLive } from "@/lib/live";
import { useNames } from "@/lib/names";
import { type Coverage, useBegun, useCoverage, useReminders, useUnproven, useUnread } from "../api.ts";
import { type Card, cardsOf, checklistOf, type Concern, isNew, type Step } from "../components/urgent.ts";

const tones: Record<Concern, Tone> = { unreached: "bad", floors: "bad", failing: "bad", single: "warn", unproven: "warn", idle: "info" };

/** What to look at, the most urgent first; then what is unread, and what comes this week. */
export function Page() {
  const t = useText("coverage");
  const { connected } = useLive();
  return (
    <Frame title={t("title")} tools={<span className={connected ? "b-live" : "b-live b-lost"}>{connected ? t("live") : t("notLive")}</span>}>
      <Checklist />
      <Loaded query={useCoverage()}>{(coverage) => <Cards coverage={coverage} />}</Loaded>
      <div className="b-home">
        <Unread />
        <Reminders />
      </div>
    </Frame>
  );
}

function Cards({ coverage }: { coverage: Coverage }) {
  const t = useText("coverage");
  const names = useNames();
  const unproven = useUnproven().data ?? [];
  const cards = cardsOf(coverage, unproven, names.type);
  if (cards.length === 0) {
    return (
      <p className="b-note">
        <Icon name="check" /> {t("fine", { count: coverage.types })}
      </p>
    );
  }
  return (
    <div className="b-home">
      {cards.map((card) => (
        <UrgentCard key={card.concern} card={card} />
      ))}
    </div>
  );
}

const few = 5;

function UrgentCard({ card }: { card: Card }) {
  const t = useText("coverage");
  const [all, setAll] = useState(false);
  const shown = all ? card.lines : card.lines.slice(0, few);
  return (
    <section className="b-sheet b-form">
      <h2>
        <Chip tone={tones[card.concern]}>{t("number", { n: card.lines.length })}</Chip> {t(`concern.${card.concern}`)}
      </h2>
      <p className="b-hint">{t(`advice.${card.concern}`)}</p>
      <ul className="b-lines">
        {shown.map((line) => (
          <li key={line.id}>
            <Link to={line.to}>{line.name}</Link> {line.note && <span className="b-hint">{t(`reason.${line.note}` as "reason.unverified", { defaultValue: line.note })}</span>}
          </li>
        ))}
      </ul>
      {card.lines.length > few && (
        <div>
          <Button size="small" aria-expanded={all} onClick={() => setAll(!all)}>
            {all ? t("fewer") : t("allOf", { n: card.lines.length })}
          </Button>
        </div>
      )}
    </section>
  );
}

const where: Record<Step, string> = { accountContact: "/contacts", contact: "/contacts?new=1", types: "/subscriptions", bot: "/bots/new", access: "/users" };

/** What a new account does first; it goes when there is a contact and something is chosen. */
function Checklist() {
  const t = useText("coverage");
  const begun = useBegun().data;
  if (!begun || !isNew(begun)) return null;
  return (
    <section className="b-sheet b-form">
      <h2>{t("begin")}</h2>
      <ol className="b-lines">
        {checklistOf(begun).map(({ step, done }) => (
          <li key={step}>
            <Chip tone={done ? "good" : "neutral"}>{done ? t("done") : t("open")}</Chip> <Link to={where[step]}>{t(`step.${step}`)}</Link>
          </li>
        ))}
      </ol>
    </section>
  );
}

function Unread() {
  const t = useText("coverage");
  const names = useNames();
  const counts = useUnread().data;
  if (!counts) return null;
  const unread = counts.categories.filter((each) => each.unread > 0);
  return (
    <section className="b-sheet b-form">
      <h2>{t("unread", { n: counts.unread })}</h2>
      {unread.length === 0 && <p className="b-hint">{t("nothingUnread")}</p>}
      <ul className="b-lines">
        {unread.map((each) => (
          <li key={each.category}>
            <Link to={`/inbox?state=unread&category=${each.category}`}>{names.category(each.category)}</Link> {each.unread.toLocaleString()}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Reminders() {
  const t = useText("coverage");
  const names = useNames();
  const reminders = useReminders().data;
  if (!reminders) return null;
  return (
    <section className="b-sheet b-form">
      <h2>{t("week")}</h2>
      {reminders.length === 0 && <p className="b-hint">{t("noReminders")}</p>}
      <ul className="b-lines">
        {reminders.map((each) => (
          <li key={`${each.at} ${each.type}`}>
            <Link to="/reminders"><TimeAt at={each.at} /></Link> {names.type(each.type)} <span className="b-hint">{t("resources", { count: each.count })}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
