// What was taken without the net: what waits, and what the service has said of it.
import { claims, putAside, type Claim, type Claimed } from "../offline/claims.ts";
import { euro } from "../money.ts";
import { Button, Notice } from "../parts.tsx";
import { say, timeWords } from "../words.ts";

export function Claims() {
  const trouble = claims.value.some(({ claim }) => isTrouble(claim));
  return (
    <Notice kind={trouble ? "danger" : "info"} title={say("claimsTitle")}>
      <p class="kern-body">{say("claimsText")}</p>
      <ul class="till-claims">
        {claims.value.map((claimed) => (
          <li key={claimed.id}>
            <Line claimed={claimed} />
          </li>
        ))}
      </ul>
    </Notice>
  );
}

function Line({ claimed }: { readonly claimed: Claimed }) {
  const { claim, amountCents, townName } = claimed;
  return (
    <>
      <p class="kern-body">
        {timeWords(claim.claimedAt)} {townName}: <strong>{euro(amountCents)}</strong>{" "}
        {resultWords(claim)}
      </p>
      {claim.result && (
        <Button block={false} kind="tertiary" onClick={() => void putAside(claimed)}>
          {say("claimSeen")}
        </Button>
      )}
    </>
  );
}

function isTrouble({ result }: Claim): boolean {
  return result !== undefined && result.outcome !== "accepted";
}

function resultWords({ result }: Claim): string {
  if (result === undefined) return say("claimWaiting");
  if (result.outcome === "accepted") return say("claimAccepted");
  const reason = result.message;
  if (result.outcome === "failed") return say("claimFailed", { reason });
  const bearer = result.bearer === "town" ? "claimBearerTown" : "claimBearerMerchant";
  return `${say("claimDisputed", { reason })} ${say(bearer)}`;
}
