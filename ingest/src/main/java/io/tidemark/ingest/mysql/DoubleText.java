package io.tidemark.ingest.mysql;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/**
 * Numbers of 64 bits as MySQL writes them in JSON: the fewest digits that give the number back, and an exponent where its
 * {@code my_gcvt} has one.
 */
final class DoubleText {
    private static final int MOST_PLACES = 15;

    private DoubleText() {}

    static String of(double value) {
        String sign = Double.doubleToRawLongBits(value) < 0 ? "-" : "";
        if (value == 0) {
            return sign + "0.0";
        }
        BigDecimal shortest = shortest(Math.abs(value)).stripTrailingZeros();
        String digits = shortest.unscaledValue().toString();
        // The number is 0.digits times ten to the power of this.
        int point = digits.length() - shortest.scale();
        boolean isPlain = point > -MOST_PLACES && (point <= MOST_PLACES || point < digits.length());
        if (isPlain) {
            String text = shortest.toPlainString();
            return sign + text + (text.indexOf('.') < 0 ? ".0" : "");
        }
        return sign + digits.charAt(0) + (digits.length() > 1 ? "." + digits.substring(1) : "") + "e" + (point - 1);
    }

    /** The number with the fewest digits that is read as this one; the nearest of these. */
    private static BigDecimal shortest(double value) {
        BigDecimal exact = new BigDecimal(value);
        int precision = new BigDecimal(Double.toString(value)).precision();
        BigDecimal best = round(exact, precision);
        while (best.doubleValue() != value) {
            best = round(exact, ++precision);
        }
        while (precision > 1) {
            BigDecimal shorter = round(exact, --precision);
            if (shorter.doubleValue() != value) {
                return best;
            }
            best = shorter;
        }
        return best;
    }

    private static BigDecimal round(BigDecimal exact, int precision) {
        return exact.round(new MathContext(precision, RoundingMode.HALF_EVEN));
    }
}
