"""The script Streamlit runs for every viewer and every step.

Streamlit makes it the process's `__main__`, and Python has each worker process import that: there
it must do nothing and bring in nothing.
"""

if __name__ == "__main__":
    from tracker.web.dashboard import main

    main()
