/** More digits than these of a broken number are cut, towards minus infinity. */
const DIGITS = 15;

/** A number as `$string` of Step Functions writes it: whole ones below 1e21 in full, others in 15 digits at most. */
export function numberText(number: number): string {
  if (!Number.isFinite(number) || Number.isInteger(number)) return String(number + 0);
  const [mantissa = "", exponent = ""] = Math.abs(number).toExponential().split("e");
  const sign = number < 0 ? "-" : "";
  const written = mantissa.replace(".", "");
  const kept = written.slice(0, DIGITS);
  const isCutBelow = number < 0 && written.length > DIGITS;
  const digits = String(BigInt(kept) + (isCutBelow ? 1n : 0n));
  const power = Number(exponent) + digits.length - kept.length;
  return sign + laidOut(digits.replace(/0+$/, ""), power);
}

/** `digits` with the point behind the first, times ten to that power; as an exponent where they end before the point. */
function laidOut(digits: string, power: number): string {
  if (power < -6 || digits.length <= power) {
    const rest = digits.slice(1);
    return `${digits[0] ?? ""}${rest === "" ? "" : `.${rest}`}e${power < 0 ? "" : "+"}${power}`;
  }
  if (power < 0) return `0.${"0".repeat(-power - 1)}${digits}`;
  const broken = digits.slice(power + 1);
  return digits.slice(0, power + 1) + (broken === "" ? "" : `.${broken}`);
}
