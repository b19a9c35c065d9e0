"""Sentences keep their text and their values apart."""

from momentum_gui.core.messages import InputError, Message


def test_a_message_reads_as_a_sentence_and_keeps_its_key():
    message = Message("step {step} of {steps}", {"step": 3, "steps": 10})
    assert str(message) == "step 3 of 10"
    assert message.text == "step {step} of {steps}"


def test_messages_nest():
    assert (
        str(Message("{file}: {fault}", {"file": "a.toml", "fault": Message("{n} > 2", {"n": 2.4})}))
        == "a.toml: 2.4 > 2"
    )


def test_braces_in_a_value_are_left_alone():
    assert str(Message("“{value}”", {"value": "{nobody}"})) == "“{nobody}”"


def test_an_input_error_is_a_value_error_with_a_message():
    error = InputError("lr is {value}", value=-1)
    assert isinstance(error, ValueError)
    assert str(error) == str(error.message) == "lr is -1"
    assert error.message.values == {"value": -1}
