"""A producer is made with the security that the settings ask for."""

import pytest
from chassis.kafka import a_producer
from chassis.settings import KafkaSettings

ACCOUNT = {"kafka_sasl_username": "enrollment", "kafka_sasl_password": "for this test"}


def settings(protocol: str, **more: str) -> KafkaSettings:
    return KafkaSettings.model_validate(
        {"kafka_bootstrap_servers": "127.0.0.1:1", "kafka_security_protocol": protocol} | more
    )


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"])
@pytest.mark.parametrize("protocol", ["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"])
def test_librdkafka_takes_every_security_that_settings_may_ask_for(protocol: str, mechanism: str) -> None:
    a_producer(settings(protocol, kafka_sasl_mechanism=mechanism, **ACCOUNT)).close()


def test_an_account_without_a_password_is_refused_with_the_name_of_what_is_missing() -> None:
    with pytest.raises(ValueError, match="KAFKA_SASL_PASSWORD must be set"):
        a_producer(settings("SASL_SSL", kafka_sasl_username="enrollment"))
