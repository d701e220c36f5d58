# The program alone; build it first with ./mvnw package -DskipTests
FROM eclipse-temurin:17-jre
COPY app/target/lib /opt/tidemark/lib
VOLUME ["/data", "/repository", "/keys"]
ENV TIDEMARK_DATA=/data TIDEMARK_REPOSITORY=file:/repository TIDEMARK_KEY_FILE=/keys/tidemark.key
ENTRYPOINT ["java", "-XX:+UseParallelGC", "-XX:+ExitOnOutOfMemoryError", "-cp", "/opt/tidemark/lib/*", "io.tidemark.app.Main"]
CMD ["run"]
