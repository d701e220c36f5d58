package io.tidemark.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.app.fixture.Installation;
import io.tidemark.app.fixture.Installation.Outcome;
import io.tidemark.testbed.Testbed;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The key commands, as a person uses them. */
class KeysTest {
    @RegisterExtension
    private final Testbed testbed = new Testbed();

    @Test
    void aKeyIsAddedRotatedAndRetired() {
        Installation tidemark = Installation.withOwnKafka(testbed, "tidemark");
        tidemark.must("init");
        Path second = testbed.resolve("second.key");
        Path third = testbed.resolve("third.key");

        tidemark.must("key", "add", "--new-key-file", second.toString());
        assertThat(tidemark.must("key", "list", "--format", "json").out().split("\"id\"", -1))
                .hasSize(3);
        Outcome rotated = tidemark.must("key", "rotate", "--new-key-file", third.toString());
        assertThat(rotated.err()).contains("configure it");

        Outcome withOld = tidemark.run("status");
        assertThat(withOld.exitCode()).isEqualTo(3);
        assertThat(withOld.err()).contains("none of the keys");
        tidemark.set("key.file", second.toString());
        tidemark.must("status");
        tidemark.set("key.file", "").set("key.command", "cat " + third);
        tidemark.must("status");

        String list = tidemark.must("key", "list", "--format", "json").out();
        String id = list.substring(list.indexOf("\"id\" : \"") + 8, list.indexOf("\"id\" : \"") + 44);
        tidemark.must("key", "retire", id);
        assertThat(tidemark.run("key", "retire", id).exitCode()).isEqualTo(4);
        tidemark.must("status");
        tidemark.set("key.file", second.toString());
        assertThat(tidemark.run("status").err()).contains("several keys are given");
    }

    @Test
    void anotherDataKeyLeavesOutWhoeverIsNotAddedAgain() {
        Installation tidemark = Installation.withOwnKafka(testbed, "tidemark");
        tidemark.must("init");
        Path second = testbed.resolve("second.key");
        Path third = testbed.resolve("third.key");
        tidemark.must("key", "add", "--new-key-file", second.toString());

        Outcome rotated = tidemark.must("key", "rotate", "--new-key-file", third.toString(), "--reencrypt");
        assertThat(rotated.err()).contains("have it added again");

        tidemark.set("key.file", second.toString());
        Outcome leftOut = tidemark.run("status");
        assertThat(leftOut.exitCode()).isEqualTo(3);
        assertThat(leftOut.err()).contains("wrong key");
        tidemark.set("key.file", third.toString());
        tidemark.must("verify");
        assertThat(tidemark.must("key", "list").out())
                .contains("everything")
                .contains("before the data key was changed");
        tidemark.must("key", "add", "--new-key-file", second.toString());
        tidemark.set("key.file", second.toString());
        tidemark.must("verify");
    }

    @Test
    void anInitThatFailsLeavesNoKeyInTheWay() {
        Installation tidemark = Installation.withOwnKafka(testbed, "tidemark");

        assertThat(tidemark.run("init", "--recipient", "nonsense").err()).contains("there is no key file nonsense");
        assertThat(tidemark.run("init", "--recipient", "tidemark-recipient-v1:AAAA")
                        .exitCode())
                .isEqualTo(2);
        assertThat(tidemark.run("init", "--recipient", "x", "--no-encryption").exitCode())
                .isNotZero();

        tidemark.must("init");
        tidemark.must("verify");
    }

    @Test
    void aGeneratedKeyServesInit() {
        Installation tidemark = Installation.withOwnKafka(testbed, "tidemark");
        Path key = testbed.resolve("own.key");
        tidemark.must("init", "--no-encryption");

        assertThat(io.tidemark.app.cli.TidemarkCommand.execute("key", "generate", key.toString()))
                .isZero();
        assertThat(io.tidemark.app.cli.TidemarkCommand.execute("key", "generate", key.toString()))
                .isEqualTo(1);
        assertThat(tidemark.run("key", "list").err()).contains("is not encrypted");
        Installation other =
                Installation.in(testbed, "other").set("key.file", "").set("key.command", "cat " + key);
        other.must("init");
        other.must("verify");
        assertThat(other.run("key", "retire", "nonsense").exitCode()).isEqualTo(2);
    }
}
