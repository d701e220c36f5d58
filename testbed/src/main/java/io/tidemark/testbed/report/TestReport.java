package io.tidemark.testbed.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/** Prints the slowest test classes and methods of a build, out of surefire's reports, and how often servers were started. */
public final class TestReport {
    private static final int SHOWN = 20;

    /** Something that took its time. */
    private record Timed(String name, double seconds) {}

    private final List<Timed> classes = new ArrayList<>();
    private final List<Timed> methods = new ArrayList<>();
    private final Map<String, long[]> starts = new TreeMap<>();
    private int tests;
    private int failed;
    private int skipped;

    private TestReport() {}

    /**
     * Prints the report.
     *
     * @param arguments the directory of the build
     */
    public static void main(String... arguments) throws IOException {
        TestReport report = new TestReport();
        Path build = Path.of(arguments[0]);
        try (Stream<Path> modules = Files.list(build)) {
            for (Path module : modules.sorted().toList()) {
                report.addModule(module.resolve("target").resolve("surefire-reports"));
            }
        }
        report.addStarts(build.resolve("target").resolve("test-starts"));
        report.print();
    }

    private static List<Path> files(Path directory, String suffix) throws IOException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(suffix))
                    .sorted()
                    .toList();
        }
    }

    private void addModule(Path reports) throws IOException {
        for (Path file : files(reports, ".xml")) {
            Element suite = parse(file).getDocumentElement();
            if (!suite.getTagName().equals("testsuite")) {
                continue;
            }
            classes.add(new Timed(shortName(suite.getAttribute("name")), seconds(suite)));
            tests += Integer.parseInt(suite.getAttribute("tests"));
            failed += Integer.parseInt(suite.getAttribute("failures")) + Integer.parseInt(suite.getAttribute("errors"));
            skipped += Integer.parseInt(suite.getAttribute("skipped"));
            NodeList cases = suite.getElementsByTagName("testcase");
            for (int i = 0; i < cases.getLength(); i++) {
                Element test = (Element) cases.item(i);
                String name = shortName(test.getAttribute("classname")) + "." + test.getAttribute("name");
                methods.add(new Timed(name, seconds(test)));
            }
        }
    }

    private static Document parse(Path file) throws IOException {
        try {
            return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(file.toFile());
        } catch (ParserConfigurationException | SAXException e) {
            throw new IOException("cannot read the report " + file, e);
        }
    }

    private static double seconds(Element element) {
        return Double.parseDouble(element.getAttribute("time").replace(",", ""));
    }

    private static String shortName(String className) {
        return className.substring(className.lastIndexOf('.') + 1);
    }

    private void addStarts(Path directory) throws IOException {
        for (Path file : files(directory, ".tsv")) {
            for (String line : Files.readAllLines(file)) {
                String[] fields = line.split("\t", -1);
                long[] sums = starts.computeIfAbsent(fields[0], kind -> new long[2]);
                sums[0]++;
                sums[1] += Long.parseLong(fields[1]);
            }
        }
    }

    private void print() {
        System.out.printf(
                Locale.ROOT,
                "%nTests: %d, %d failed, %d skipped; %.0f s in all, several at once%n",
                tests,
                failed,
                skipped,
                classes.stream().mapToDouble(Timed::seconds).sum());
        print("Slowest classes", classes);
        print("Slowest methods", methods);
        System.out.println("Starts:");
        starts.forEach((kind, sums) ->
                System.out.printf(Locale.ROOT, "  %4d  %-22s %6.1f s each%n", sums[0], kind, sums[1] / 1e3 / sums[0]));
    }

    private static void print(String title, List<Timed> all) {
        System.out.println(title + ":");
        all.stream()
                .sorted(Comparator.comparingDouble(Timed::seconds).reversed())
                .limit(SHOWN)
                .forEach(timed -> System.out.printf(Locale.ROOT, "  %7.1f s  %s%n", timed.seconds(), timed.name()));
    }
}
