package io.tidemark.ingest.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each text is what MySQL 8.0.12 printed of the number in a document. */
class DoubleTextTest {
    @ParameterizedTest
    @CsvSource({
        "0.0, 0.0",
        "-0.0, -0.0",
        "3.0, 3.0",
        "0.1, 0.1",
        "1e14, 100000000000000.0",
        "1e15, 1e15",
        "999999999999999.0, 999999999999999.0",
        "-3132462615557209.5, -3132462615557209.5",
        "9007199254740993.0, 9.007199254740992e15",
        "1e100, 1e100",
        "2e23, 2e23",
        "5e-324, 5e-324",
        "1.7976931348623157e308, 1.7976931348623157e308",
        "0.000012345678901234567, 0.000012345678901234568",
        "-0.0000000000000012345678901234567, -0.0000000000000012345678901234568",
        "0.00000000000000012345678901234567, 1.2345678901234568e-16",
        "1.23e-15, 0.00000000000000123",
        "1.23e-16, 1.23e-16"
    })
    void writesNumbersAsTheServerDoes(double number, String text) {
        assertThat(DoubleText.of(number)).isEqualTo(text);
    }
}
