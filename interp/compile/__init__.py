"""The compiled tier: every function as Python source.

valid code ──build──▶ blocks of typed expressions ──structure──▶ Python text ──link──▶ function

ir                       the form in between: expressions with ranges, statements, blocks
build, operands, rules   one walk over the code; what each instruction becomes is said in
                         arith, float_rules (operators), variables, effects, control
flow, structure          loops and ifs by dominators; dispatch where Python cannot nest them
render, marks            text; write_values, write_state, write_calls say how; what may trap
emit, listing            a whole function; a whole module for a person to read
link, support, invoke    functions in an instance; what they call; calls from the host
"""
